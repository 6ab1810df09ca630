#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A real Carbon and a web server are down while 1,000 series go on, a value every 10 s of simulated
# time: the values bear the stamps that they would have. With a journal none is lost, whatever its
# writer; the disk is never used above the limit; order and stamps stay; and when the servers are
# back what waited follows at 50 times real time and more, beside what is new.
#
# Ten minutes of outage; half an hour with CHAOS=long in the environment.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../system/lib";
use Carbon;
use HttpSink;
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

need('carbon-cache', 'python3');

my $long = ($ENV{CHAOS} // '') eq 'long';
my $ticks = $long ? 180 : 60;    # of the outage
my $interval = 10;               # simulated seconds
my $series = 1000;
my @nodes = ('write_http/it', 'write_graphite/it');

# The same tick for all series, at once, as it would come from readers.
sub put_tick {
  my ($socket, $stamp, $count) = @_;
  my $text = join '', map { sprintf "PUTVAL h/p/gauge-%04d interval=%d %d:%d\n", $_, $interval, $stamp, $stamp % 100_000 + $_ } 1 .. $count // $series;
  my $fine = 0;
  while (length $text) {
    my $part = substr $text, 0, 16_000, '';
    $part .= $1 if $part !~ /\n\z/ && $text =~ s/^(.*?\n)//s;
    print $socket $part;
    $socket->flush;
    for (1 .. ($part =~ tr/\n//)) { ++$fine if (<$socket> // '') =~ /^0 Success/ }
  }
  return $fine == ($count // $series);
}

my (%broken, $samples);

# The law of conservation, at a moment.
sub sample {
  my ($vitald) = @_;
  for my $name (@nodes) {
    my $now = $vitald->status_of('writer', $name) or next;
    ++$samples;
    my $dropped = 0;
    $dropped += $now->{$_} for grep { /^dropped_/ } keys %$now;
    ++$broken{$name} if $now->{submitted} != $now->{delivered} + $now->{queued} + $now->{dropped} || $dropped != $now->{dropped};
  }
  return;
}

sub bytes_below { my ($directory) = @_; my ($status, $out) = run('du', '-sb', '--apparent-size', $directory); return (split /\s/, $out)[0] // 0 }

subtest 'an outage with a journal' => sub {
  my $now = int(time / $interval) * $interval;
  my $first = $now - ($ticks + 60) * $interval;
  my $carbon = Carbon->new(retention => "${interval}s:1d");
  my $web = HttpSink->new;
  my $limit = 64 << 20;
  my $vitald = start_vitald(
    "<Journal>\n  MaxSize \"64M\"\n</Journal>\nLoadPlugin write_http\nLoadPlugin write_graphite\n"
      . qq{<Plugin write_http>\n<Node "it">\nURL "@{[$web->url]}"\n</Node>\n</Plugin>\n}
      . qq{<Plugin write_graphite>\n<Node "it">\nHost "127.0.0.1"\nPort "$carbon->{port}"\n</Node>\n</Plugin>\n});
  my $socket = IO::Socket::UNIX->new(Peer => $vitald->socket) or die $!;
  my $stamp = $first;
  my $put = sub {
    my $fine = put_tick($socket, $stamp);
    $stamp += $interval;
    return $fine;
  };
  my $waits = sub { my ($most) = map { $vitald->status_of('writer', $_)->{queued} } @_; return $most };
  ok($put->() && $put->() && $put->(), 'values are put');
  ok(eventually(sub { !grep { $waits->($_) } @nodes }, 20), 'and delivered');
  ok(eventually(sub { $carbon->dump_all == 3 * $series }, 20), 'Carbon has them on disk');

  $web->stop;
  $carbon->stop;
  my $down = $stamp;
  my ($fine, $most) = (0, 0);
  my $outage = time;
  for my $tick (1 .. $ticks) {
    $fine += $put->();
    sample($vitald) if $tick % 3 == 0;
    next if $tick % 10 != 0;
    for my $name (@nodes) {
      my $bytes = bytes_below("$vitald->{dir}/journal/" . ($name =~ tr{/}{_}r));
      $most = $bytes if $bytes > $most;
    }
  }
  ok(eventually(sub { !grep { bytes_below("$vitald->{dir}/journal/" . ($_ =~ tr{/}{_}r)) < $ticks * $series * 8 } @nodes }), 'all of it is on disk');
  for my $name (@nodes) {
    my $bytes = bytes_below("$vitald->{dir}/journal/" . ($name =~ tr{/}{_}r));
    $most = $bytes if $bytes > $most;
  }
  is($fine, $ticks, "both are down for " . $ticks * $interval / 60 . ' minutes of simulated time');
  cmp_ok($most, '<=', $limit, "the journals stay below their limit ($most bytes)");
  is($waits->($_), $ticks * $series, "$_: all of it waits") for @nodes;
  note(sprintf 'after %.1f s', time - $outage);
  my $back = $stamp;
  $web->start;
  $carbon->start;
  my (%begin, %took, $live);
  ok(eventually(
      sub {
        sample($vitald);
        # What is put before a server was tried again waits in the journal, too.
        $put->() if keys %begin == @nodes && ++$live % 4 == 1 && $live < 160;
        for my $name (@nodes) {
          my $now = $vitald->status_of('writer', $name);
          $begin{$name} //= time if $now->{delivered} > 3 * $series;    # it was tried, and is back
          $took{$name} //= time - $begin{$name} if $begin{$name} && $now->{queued} < $series;
        }
        return keys %took == @nodes;
      }, 90), 'both are back, and catch up beside new values');
  for my $name (@nodes) {
    my $speed = $ticks * $interval / (($took{$name} // 1e9) + 0.01);
    cmp_ok($speed, '>=', 50, sprintf '%s: at %.0f times real time', $name, $speed);
  }
  ok(eventually(sub { !grep { $waits->($_) } @nodes }, 30), 'until nothing waits');
  sample($vitald);
  is($vitald->status_of('writer', $_)->{dropped}, 0, "$_: nothing was dropped") for @nodes;

  my $wanted = ($stamp - $first) / $interval * $series;
  my (%seen, %last, $doubled, $wrong, $disordered);
  for my $line (map { split /\r\n/, $_->{body} } $web->accepted) {
    my ($which, $time, $value) = $line =~ m{^PUTVAL h/p/gauge-(\d+) interval=10\.000 (\d+)\.000:(\d+)$} or ++$wrong, next;
    ++$wrong if $value != $time % 100_000 + $which;
    ++$doubled if $seen{"$which $time"}++;
    my $kind = $time < $back && $time >= $down ? 'waited' : 'new';
    ++$disordered if $time < ($last{"$kind $which"} // 0);
    $last{"$kind $which"} = $time;
  }
  is($wrong // 0, 0, 'the web server got what was put, with its stamps');
  is(scalar keys %seen, $wanted, 'all of it');
  is($doubled // 0, 0, 'each once');
  is($disordered // 0, 0, 'what waited in its order, and what was new as well');
  ok(eventually(sub { $carbon->dump_all >= $wanted }, 30), 'Carbon has all of it on disk, with its stamps') or diag($carbon->dump_all . " of $wanted");
  is($vitald->stop, 0, 'vitald ends well');
  $carbon->stop;
};

subtest 'a journal that is too small for it' => sub {
  my $web = HttpSink->new(down => 1);
  @nodes = ('write_http/it');
  my $vitald = start_vitald("LoadPlugin write_http\n<Plugin write_http>\n<Node \"it\">\nURL \"@{[$web->url]}\"\n"
      . "QueueLimit 100\n<Journal>\n  MaxSize \"1M\"\n</Journal>\n</Node>\n</Plugin>\n");
  my $socket = IO::Socket::UNIX->new(Peer => $vitald->socket) or die $!;
  my ($most, $stamp) = (0, 1_700_000_000);
  for my $tick (1 .. ($long ? 400 : 150)) {
    put_tick($socket, $stamp += $interval) or die 'a value was not taken';
    sample($vitald);
    my $bytes = bytes_below("$vitald->{dir}/journal");
    $most = $bytes if $bytes > $most;
  }
  my $now = $vitald->status_of('writer', 'write_http/it');
  cmp_ok($now->{dropped_journal_full} // 0, '>', 0, 'the oldest values are dropped, and counted');
  cmp_ok($most, '<=', (1 << 20) + 8192, "its limit is kept ($most bytes, with the directory's own)");
  $web->start;
  ok(eventually(sub { $vitald->status_of('writer', 'write_http/it')->{queued} == 0 }, 30), 'the rest is delivered');
  $now = $vitald->status_of('writer', 'write_http/it');
  is(scalar(map { split /\r\n/, $_->{body} } $web->accepted), $now->{delivered}, 'as many as were counted');
  is($now->{submitted}, $now->{delivered} + $now->{dropped}, 'and no more are missing than were dropped');
  sample($vitald);
  is($vitald->stop, 0, 'vitald ends well');
};

is_deeply(\%broken, {}, "the law of conservation held at each of $samples samples");
done_testing;
