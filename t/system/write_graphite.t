#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Values for Graphite: the lines that collectd sends, a real Carbon that keeps them, and servers that
# are away, go away, or take nothing.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Carbon;
use Sink;
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

need('collectd', 'carbon-cache', 'python3');

sub node {
  my ($sink, $options, $name) = @_;
  $name //= 'it';
  return qq{LoadPlugin write_graphite\n<Plugin write_graphite>\n<Node "$name">\nHost "127.0.0.1"\n}
    . qq{Port "$sink->{port}"\nProtocol "$sink->{protocol}"\n$options</Node>\n</Plugin>\n};
}

sub writer { my ($daemon) = @_; return $daemon->status_of('writer', 'write_graphite/it') }

# The law of conservation, and what it says.
sub conserved {
  my ($daemon, $what) = @_;
  my $now = writer($daemon);
  is($now->{submitted}, $now->{delivered} + $now->{queued} + $now->{dropped}, "$what: submitted = delivered + queued + dropped");
  return $now;
}

# Puts the values first .. last, a second each.
sub put {
  my ($daemon, $first, $last, $series) = @_;
  $series //= 'h/p/gauge';
  my @commands = map { "PUTVAL $series interval=1 " . (1_700_000_000 + $_) . ":$_" } $first .. $last;
  my @answers = $daemon->ask_it(@commands);
  return scalar(grep { /^0 Success/ } @answers) == @commands;
}

sub values_of { my ($sink) = @_; return [map { (split / /)[1] } grep { /^h\.p\.gauge / } $sink->lines] }

# In its order, each once; what was sent again when a connection broke counts once.
sub first_times {
  my %seen;
  return [grep { !$seen{$_}++ } @{$_[0]}];
}

subtest 'the same lines as collectd' => sub {
  my %forms = (
    'as it comes' => '',
    'totals' => "StoreRates false\n",
    'prefix and postfix' => qq{Prefix "a.b c."\nPostfix ".d"\n},
    'an escape character' => qq{EscapeCharacter "-"\n},
    'separate instances' => "SeparateInstances true\n",
    'the data source always' => "AlwaysAppendDS true\n",
    'dots stay' => "PreserveSeparator true\n",
    'no duplicate fields' => "DropDuplicateFields true\n",
    'the host turned around' => "ReverseHost true\n",
    'turned around, dots stay' => "ReverseHost true\nPreserveSeparator true\n",
    'tags' => "UseTags true\n",
    'tags with all' => qq{UseTags true\nPrefix "x."\nPostfix ";k=v"\nDropDuplicateFields true\nAlwaysAppendDS true\n},
    'over UDP' => '',
  );
  my @names = sort keys %forms;
  my (%theirs, %ours, $collectd_nodes, $vitald_nodes);
  for my $name (@names) {
    my $protocol = $name =~ /UDP/ ? 'udp' : 'tcp';
    for my $side ([\%theirs, \$collectd_nodes], [\%ours, \$vitald_nodes]) {
      my $sink = $side->[0]{$name} = Sink->new(protocol => $protocol);
      ${$side->[1]} .= qq{<Node "$name">\nHost "127.0.0.1"\nPort "$sink->{port}"\nProtocol "$protocol"\n$forms{$name}</Node>\n};
    }
  }
  # In two steps: collectd takes the rate that the cache has when it writes, not that of the value.
  my @steps = ([
    'web.example.com/load/load interval=10 1700000000:1.5:2:0.25',
    'web.example.com/cpu-0/cpu-idle interval=10 1700000000.6:7',
    '"web.example.com/p-a b.c/gauge-x.y(z)" interval=10 1700000000:U',
    'web.example.com/df/df-root interval=10 1700000000:1:2',
    'web.example.com/if/if_octets-e0 interval=10 1700000000:100:200',
    'web.example.com/same-x/gauge-x interval=10 1700000000:-3.25',
    'web.example.com/same/gauge interval=10 1700000000:12345678.5',
  ], [
    'web.example.com/cpu-0/cpu-idle interval=10 1700000010.6:107',
    '"web.example.com/p-a b.c/gauge-x.y(z)" interval=10 1700000010:1e300',
    'web.example.com/if/if_octets-e0 interval=10 1700000010:300:500',
  ]);
  my $collectd = start_collectd("LoadPlugin write_graphite\n<Plugin write_graphite>\n$collectd_nodes</Plugin>\n");
  my $vitald = start_vitald("LoadPlugin write_graphite\n<Plugin write_graphite>\n$vitald_nodes</Plugin>\n");
  for my $side ([$collectd, \%theirs], [$vitald, \%ours]) {
    my ($daemon, $sinks) = @$side;
    my $lines = 0;
    for my $step (@steps) {
      is(scalar(grep { /^0 Success/ } $daemon->ask_it(map { "PUTVAL $_" } @$step)), scalar @$step, 'values are put');
      $lines += @$step == 7 ? 11 : 4;
      ok(eventually(sub { $daemon->ask_it('FLUSH'); !grep { $_->lines < $lines } values %$sinks }), 'and sent');
    }
  }
  is($vitald->stop, 0, 'vitald ends well');
  $collectd->stop;
  for my $name (@names) {
    is_deeply([sort $ours{$name}->lines], [sort $theirs{$name}->lines], $name);
  }
};

subtest 'a real Carbon keeps them' => sub {
  my $carbon = Carbon->new;
  my $vitald = start_vitald(node({port => $carbon->{port}, protocol => 'tcp'}, "Journal true\n"));
  my $now = int(time);
  my $put = sub {
    my @commands = map { 'PUTVAL h/p/gauge interval=1 ' . ($now - $_) . ":$_" } reverse $_[0] .. $_[1];
    return @commands == grep { /^0 Success/ } $vitald->ask_it(@commands);
  };
  my $kept = sub {
    my $points = $carbon->points('h.p.gauge');
    return join(',', map { ($now - $_) . "=$points->{$_}" } sort { $a <=> $b } keys %$points);
  };
  my $wanted = sub { join ',', map {"$_=$_"} reverse $_[0] .. $_[1] };
  ok($put->(41, 60), 'values are put');
  ok(eventually(sub { $kept->() eq $wanted->(41, 60) }, 20), 'and kept') or diag($kept->());
  ok($carbon->stop, 'it goes away');
  ok($put->(21, 40), 'more are put');
  ok(eventually(sub { (writer($vitald) // {})->{state} eq 'away' }), 'the status says that it is away');
  is(conserved($vitald, 'while it is away')->{queued}, 20, 'and what waits');
  ok($carbon->start, 'it is back');
  ok($put->(1, 20), 'more are put');
  ok(eventually(sub { $kept->() eq $wanted->(1, 60) }, 30), 'all are kept, with their stamps') or diag($kept->());
  ok(eventually(sub { writer($vitald)->{queued} == 0 }), 'nothing waits');
  is(conserved($vitald, 'after it came back')->{dropped}, 0, 'nothing was dropped');
  is($vitald->stop, 0, 'vitald ends well');
  $carbon->stop;
};

subtest 'what had not arrived when the connection broke is sent again' => sub {
  my $sink = Sink->new;
  my $vitald = start_vitald(node($sink, "RetryInterval 0.1\nMaxRetryInterval 0.3\n"));
  my $count = 0;
  for my $round (1 .. 5) {
    ok(put($vitald, $count + 1, $count + 200), 'values are put while it runs');
    $count += 200;
    sleep 0.05 * $round;
    $sink->stop;
    ok(put($vitald, $count + 1, $count + 100), 'and after it was killed');
    $count += 100;
    sleep 0.2;
    $sink->start;
  }
  ok(eventually(sub { writer($vitald)->{queued} == 0 }, 20), 'all is sent');
  is(conserved($vitald, 'then')->{delivered}, $count, 'and delivered');
  is_deeply(first_times(values_of($sink)), [1 .. $count], 'it came, in order');
  is($vitald->stop, 0, 'vitald ends well');
  my @fails = $vitald->log =~ /(writing fails)/g;
  cmp_ok(scalar @fails, '<=', 10, 'at most a line for the break and one for the server that is away');
};

subtest 'a server that accepts and stalls is noticed, and delays nobody' => sub {
  my $stalled = Sink->new(stalled => 1);
  my $sink = Sink->new;
  my $vitald = start_vitald(
    "LoadPlugin uptime\nLoadPlugin write_graphite\n<Plugin write_graphite>\n"
      . qq{<Node "it">\nHost "127.0.0.1"\nPort $stalled->{port}\nTimeout 1\nQueueLimit 40000\n</Node>\n}
      . qq{<Carbon "well">\nHost "127.0.0.1"\nPort $sink->{port}\n</Carbon>\n</Plugin>\n});
  my $long = 'x' x 100;
  ok(put($vitald, 1 + 5000 * $_, 5000 + 5000 * $_, "h/p-$long/gauge-$long"), 'values are put') for 0 .. 10;
  ok(put($vitald, 1, 5), 'and some more');
  ok(eventually(sub { @{values_of($sink)} == 5 }), 'the other server gets all');
  ok(eventually(sub { (writer($vitald)->{error} // '') =~ /timed out/i || $vitald->log =~ /write_graphite.it: writing fails/ }, 20), 'the stall is noticed');
  conserved($vitald, 'meanwhile');
  is($vitald->status_of('reader', 'uptime')->{missed}, 0, 'no reader missed a tick');
  my $begin = time;
  is($vitald->stop, 0, 'vitald ends well');
  cmp_ok(time - $begin, '<', 5, 'within 5 s');
};

subtest 'failover and fail-back' => sub {
  my $first = Sink->new;
  my $second = Sink->new;
  my $vitald = start_vitald(node($first,
    "Failover \"127.0.0.1:$second->{port}\"\nFailbackInterval 1\nRetryInterval 0.1\nMaxRetryInterval 0.2\n"));
  ok(put($vitald, 1, 10), 'values are put');
  ok(eventually(sub { @{values_of($first)} == 10 && writer($vitald)->{queued} == 0 }), 'the first server gets them');
  $first->stop;
  ok(put($vitald, 11, 20), 'it is gone');
  ok(eventually(sub { @{values_of($second)} == 10 }), 'the second gets the next');
  $first->start;
  my $value = 20;
  ok(eventually(sub { put($vitald, $value + 1, $value + 1); ++$value; sleep 0.7; @{values_of($first)} > 10 }, 20), 'the first is back');
  ok(eventually(sub { writer($vitald)->{queued} == 0 }), 'all is sent');
  my $both = first_times([sort { $a <=> $b } @{values_of($first)}, @{values_of($second)}]);
  is_deeply($both, [1 .. $value], 'nothing was lost between them');
  like($vitald->log, qr/write_graphite.it: sends to 127.0.0.1:$second->{port} now/, 'the log says so');
  is($vitald->stop, 0, 'vitald ends well');
};

subtest 'two nodes of one name' => sub {
  my @sinks = (Sink->new, Sink->new(down => 1));
  my $dir = workdir();
  my $vitald = start_vitald("LoadPlugin write_graphite\n<Plugin write_graphite>\n" . join('', map {
      qq{<Node "it">\nHost "127.0.0.1"\nPort "$_->{port}"\n<Journal>\n</Journal>\n</Node>\n}
    } @sinks) . "</Plugin>\n", dir => $dir);
  ok(put($vitald, 1, 10), 'values are put');
  ok(eventually(sub { @{values_of($sinks[0])} == 10 }), 'one gets all');
  ok(eventually(sub { my $second = $vitald->status_of('writer', 'write_graphite/it#2'); $second && $second->{queued} == 10 }), 'for the other they wait');
  is($vitald->stop, 0, 'vitald ends well');
  is_deeply([map { s{.*/}{}r } sort glob("$dir/journal/*")], ['write_graphite_it', 'write_graphite_it#2'], 'each has a journal of its own');
};

# Whether a refusal over UDP comes back at all: it takes an ICMP message, which some hosts filter.
sub refusals_come_back {
  my $port = Sink::free_port('udp');
  my $socket = IO::Socket::INET->new(Proto => 'udp', PeerAddr => '127.0.0.1', PeerPort => $port) or return 0;
  return eventually(sub { !defined $socket->send('x') }, 2);
}

subtest 'a server that nobody runs yet, and failures that are not to be logged' => sub {
  my @protocols = ('tcp');
  refusals_come_back() ? push @protocols, 'udp' : diag 'this host filters ICMP on loopback: UDP has nobody to tell of a refusal';
  for my $protocol (@protocols) {
    my $sink = Sink->new(protocol => $protocol, down => 1);
    my $vitald = start_vitald(node($sink, "LogSendErrors false\nRetryInterval 0.1\nMaxRetryInterval 0.3\n"));
    ok(put($vitald, 1, 10), 'values are put');
    ok(eventually(sub { (writer($vitald)->{error} // '') =~ /refused/ }), "over $protocol the status says why they are not sent");
    like(writer($vitald)->{breaker}, qr/open|probing/, 'and that it waits');
    is(conserved($vitald, 'meanwhile')->{queued}, 10, 'they wait');
    unlike($vitald->log, qr/writing fails/, 'the log says nothing');
    $sink->start;
    ok(eventually(sub { @{values_of($sink)} >= 10 }), 'they come when there is a server');
    is_deeply(first_times(values_of($sink)), [1 .. 10], 'in order');
    is($vitald->stop, 0, 'vitald ends well');
  }
};

subtest 'a connection is made anew now and then' => sub {
  my $sink = Sink->new;
  my $vitald = start_vitald(node($sink, "ReconnectInterval 1\n"));
  my %ports;
  my $value = 0;
  ok(eventually(
      sub {
        ++$value;
        put($vitald, $value, $value);
        sleep 0.7;
        $ports{$_} = 1 for grep { $_ } map { /127\.0\.0\.1:(\d+)\s+127\.0\.0\.1:$sink->{port}\b/ ? $1 : () } split /\n/, (run('ss', '-Htn', 'state', 'established'))[1];
        return keys %ports >= 2;
      }, 15), 'from another port');
  ok(eventually(sub { @{values_of($sink)} == $value }), 'and nothing is lost or sent twice by it');
  is($vitald->stop, 0, 'vitald ends well');
};

subtest 'mistakes in the configuration' => sub {
  my $dir = workdir();
  my $config = spit("$dir/vitald.conf", "PluginDir \"$BUILD/plugins\"\nTypesDB \"$SOURCE/etc/types.db\"\n"
    . node({port => 'no such service', protocol => 'sctp'}, "EscapeCharacter \"ab\"\nFailover \"[::1\"\nColour red\n"));
  my ($status, $out, $err) = run($VITALD, '-t', '-C', $config);
  is($status, 1, 'are found');
  like("$out$err", qr/$_/, "one of them: $_") for 'EscapeCharacter.*one character', 'Failover.*HOST:PORT', 'Protocol', 'Colour';
};

done_testing;
