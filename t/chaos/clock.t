#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The whole daemon under a wall clock that is set forth and back: a step forward leaves a gap and no
# burst, a small step back is absorbed, a large one is followed at once and said once.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../system/lib";
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

need('faketime', 'rrdtool');
my ($library) = grep { -e } glob('/usr/lib/*/faketime/libfaketimeMT.so.1') or die "missing peer: libfaketime\n";

my $plugins = "LoadPlugin rrdtool\n<Plugin rrdtool>\n  DataDir \"rrd\"\n</Plugin>\nLoadPlugin load\nLoadPlugin cpu\nLoadPlugin csv\n<Plugin csv>\n  DataDir \"csv\"\n  StoreRates true\n</Plugin>\n";

sub start_at {
  my ($dir, $offset) = @_;
  set_clock($dir, $offset);
  return start_vitald($plugins, dir => $dir, env => {
    LD_PRELOAD => $library, FAKETIME_TIMESTAMP_FILE => "$dir/clock", FAKETIME_NO_CACHE => 1,
    FAKETIME_DONT_FAKE_MONOTONIC => 1, DONT_FAKE_MONOTONIC => 1, NO_FAKE_STAT => 1, TZ => 'UTC'});
}

# Seconds from the real clock.
sub set_clock {
  my ($dir, $offset) = @_;
  spit("$dir/clock.new", sprintf("%+d\n", $offset));
  rename("$dir/clock.new", "$dir/clock") or die "clock: $!";
}

# The stamps of the load, in the order in which they were written: one file after the other as days go.
sub stamps {
  my ($dir) = @_;
  my @files = sort { -M "$dir/csv/$b" <=> -M "$dir/csv/$a" } grep { m{/load-\d} } files_below("$dir/csv");
  return map { /^(\d+\.\d+),/ ? $1 : () } map { split(/\n/, slurp("$dir/csv/$_")) } @files;
}

sub await_more {
  my ($dir, $count) = @_;
  my $before = () = stamps($dir);
  return eventually(sub { my $now = () = stamps($dir); $now >= $before + $count }, 20);
}

# Differences from each stamp to the next, rounded to seconds.
sub steps {
  my (@stamps) = @_;
  return map { sprintf('%.0f', $stamps[$_ + 1] - $stamps[$_]) } 0 .. $#stamps - 1;
}

subtest 'small steps back are absorbed' => sub {
  my $dir = workdir();
  my $daemon = start_at($dir, 0);
  ok(await_more($dir, 2), 'values arrive');
  for my $offset (-1, -20) {
    set_clock($dir, $offset);
    ok(await_more($dir, 4), "set back to $offset s: values go on at once");
  }
  set_clock($dir, 0);
  ok(await_more($dir, 3), 'and when it is right again');
  is($daemon->status_of('reader', 'load')->{missed} <= 1, 1, 'nothing is missed');
  is($daemon->status_of('pipeline', 'values')->{too_old}, 0, 'nothing is refused');
  is($daemon->stop, 0, 'it stops');
  my @all = stamps($dir);
  my @odd = grep { $all[$_ + 1] - $all[$_] < 0.1 || $all[$_ + 1] - $all[$_] > 2.2 } 1 .. $#all - 1;
  is("@odd", '', 'the stamps rise, each once') or diag "@all";
};

subtest 'an hour forth and back' => sub {
  my $dir = workdir();
  my $daemon = start_at($dir, 0);
  ok(await_more($dir, 3), 'values arrive');
  set_clock($dir, 3600);
  ok(await_more($dir, 3), 'an hour forth: values go on');
  my @steps = steps(stamps($dir));
  my @jumps = grep { $_ > 2 } @steps;
  is(scalar(@jumps), 1, 'one gap');
  cmp_ok($jumps[0], '>', 3590, 'of the hour');
  is(scalar(grep { $_ < 1 } @steps[1 .. $#steps]), 0, 'and no burst');
  my $missed = $daemon->status_of('reader', 'load')->{missed};
  cmp_ok($missed, '>=', 3597, 'the ticks between are counted');
  cmp_ok($missed, '<=', 3602, 'exactly');
  my $refused = $daemon->status_of('pipeline', 'values')->{too_old};
  set_clock($dir, 0);
  my $back = time;
  ok(await_more($dir, 3), 'an hour back: values go on');
  cmp_ok(time - $back, '<', 6, 'at once');
  is($daemon->status_of('pipeline', 'values')->{too_old}, $refused, 'nothing is refused');
  is(scalar(() = $daemon->log =~ /the clock was set back/g), 1, 'it is said once');
  my ($rrd) = grep { m{/load\.rrd$} } files_below("$dir/rrd");
  my $last = sub { my ($time) = qx(rrdtool last "$dir/rrd/$rrd") =~ /(\d+)/; $time // 0 };
  ok(eventually(sub { abs($last->() - time) < 5 }), 'RRD files go on as well') or diag $last->() - time;
  my $from = $last->();
  ok(eventually(sub { $last->() > $from }), 'with each value');
  like(qx(rrdtool fetch "$dir/rrd/$rrd" AVERAGE -s -20 -e -1), qr/: \d/, 'which can be read');
  like($daemon->ask_it(sprintf('PUTVAL h/p/gauge %.3f:1', time)), qr/^0/, 'clients are heard');
  ok(eventually(sub { $daemon->ask_it('GETVAL h/p/gauge') =~ /value=/ }), 'and their values are there');
  is($daemon->stop, 0, 'it stops');
  my @rates = map { /^\d+\.\d+,([\d.]+)$/ ? $1 : () }
    map { split(/\n/, slurp("$dir/csv/$_")) } grep { m{/cpu-\d} } files_below("$dir/csv");
  cmp_ok(scalar(@rates), '>', 20, 'there are rates');
  is(scalar(grep { $_ > 500 } @rates), 0, 'and none of them is a spike');
};

subtest 'the first setting from 1970' => sub {
  my $dir = workdir();
  my $daemon = start_at($dir, 100 - int(time));
  ok(await_more($dir, 2), 'values arrive in 1970');
  set_clock($dir, 0);
  ok(await_more($dir, 3), 'and now');
  my @steps = steps(stamps($dir));
  is(scalar(grep { $_ > 1e9 } @steps), 1, 'behind one gap');
  is(scalar(grep { $_ < 1 } @steps[1 .. $#steps]), 0, 'without a burst') or diag "@steps";
  is($daemon->stop, 0, 'it stops');
};

done_testing;
