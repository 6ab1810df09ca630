#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# collectd's clients on our sockets: the same commands to the real collectd and to vitald, holding
# the same values, give the same bytes and the same exit codes. And vitalctl gives what collectdctl
# gives.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

need('collectd', 'collectdctl');

# One interval of an hour: what was put stays, nothing expires while we look.
my $collectd = start_collectd("LoadPlugin csv\n", interval => 3600);
my $dir = workdir();
my $vitald = start_vitald(
  "LoadPlugin csv\nLoadPlugin unixsock\n<Plugin unixsock>\n  SocketFile \"$dir/unixsock\"\n"
    . "  SocketPerms \"0777\"\n</Plugin>\nCollectInternalStats false\n",
  interval => 3600);
ok(eventually(sub { -S "$dir/unixsock" }), 'the unixsock plugin opens its socket');
my %socket = (collectd => $collectd->socket, vitald => "$dir/unixsock", control => $vitald->socket);

# What differs by nature: names of sockets and directories, and the moment.
sub neutral {
  my ($text) = @_;
  $text //= '';
  $text =~ s/\Q$_\E/SOCKET/g for values %socket;
  return $text;
}

my $now = int(time);

# The same lines to each socket, the answers side by side.
my @lines = (
  "PUTVAL localhost/t-a/gauge-x interval=3600 $now:42.5",
  "PUTVAL localhost/t-a/gauge-y interval=3600 $now:U",
  "PUTVAL localhost/t-b/load interval=3600 $now:0.25:1e-3:12345678.9",
  "PUTVAL localhost/t-b/if_octets interval=3600 " . ($now - 10) . ":1000:2000 $now:2000:4000",
  "PUTVAL \"localhost/t with blank/gauge-with blank\" interval=3600 $now:1",
  "PUTVAL localhost/t-c/counter-big interval=3600 " . ($now - 10) . ":1 $now:18446744073709551615",
  "PUTVAL localhost/t-c/derive-neg interval=3600 " . ($now - 10) . ":10 $now:-10",
  "PUTVAL localhost/t-c/absolute interval=3600 " . ($now - 10) . ":10 $now:20",
  "PUTVAL localhost/t-d/gauge-nan interval=3600 $now:nan",
  "PUTVAL localhost/t-d/gauge-inf interval=3600 $now:inf",
  "PUTVAL localhost/t-d/gauge-hex interval=3600 $now:0x1f",
  "PUTVAL localhost/t-d/gauge-frac interval=3600 $now.25:1",
  "PUTVAL localhost/t-a/gauge-x interval=3600 " . ($now - 1) . ":1",
  "putval localhost/t-a/gauge-low interval=3600 $now:7",
  "PUTVAL localhost/t-a/gauge-n interval=3600 N:7",
  'PUTVAL', 'PUTVAL localhost', 'PUTVAL localhost/a', 'PUTVAL localhost/a/b', 'PUTVAL localhost/a/gauge',
  "PUTVAL localhost/a/nosuchtype $now:1", "PUTVAL localhost/a/gauge $now", "PUTVAL localhost/a/gauge $now:",
  "PUTVAL localhost/a/gauge $now:1:2", "PUTVAL localhost/a/gauge $now:x", 'PUTVAL localhost/a/gauge x:1',
  "PUTVAL localhost/a/gauge interval=x $now:1",
  "PUTVAL localhost/a/load $now:1:2", "PUTVAL \"localhost/a/gauge $now:1", "PUTVAL /a/gauge $now:1",
  "PUTVAL a//gauge $now:1", "PUTVAL localhost/a/gauge/x $now:1", 'PUTVAL localhost/-a/gauge N:1',
  'GETVAL localhost/t-a/gauge-x', 'GETVAL localhost/t-a/gauge-y', 'GETVAL localhost/t-b/load',
  'GETVAL localhost/t-b/if_octets', 'GETVAL "localhost/t with blank/gauge-with blank"',
  'GETVAL localhost/t-c/derive-neg', 'GETVAL localhost/t-c/counter-big', 'GETVAL localhost/t-c/absolute',
  'GETVAL localhost/t-d/gauge-nan', 'GETVAL localhost/t-d/gauge-inf', 'GETVAL localhost/t-d/gauge-hex',
  'getval localhost/t-a/gauge-low', 'GetVal localhost/t-a/gauge-n', 'GETVAL', 'GETVAL localhost',
  'GETVAL localhost/a', 'GETVAL localhost/a/nothing', 'GETVAL localhost/t-a/gauge-none', 'GETVAL a b',
  'GETVAL localhost/t-a/gauge-x garbage', 'GETVAL "localhost/t-a/gauge-x',
  'LISTVAL garbage', 'NOSUCH', 'NOSUCH command', ' LISTVALS', 'FLUSH', 'FLUSH timeout=x', 'FLUSH timeout=10',
  'FLUSH plugin=csv', 'FLUSH plugin=nosuch', 'FLUSH identifier=localhost/t-a/gauge-x', 'FLUSH identifier=x',
  'FLUSH nosuch=1', 'FLUSH garbage', 'FLUSH plugin=csv identifier=localhost/t-a/gauge-x timeout=3',
  "PUTNOTIF severity=okay time=$now message=hello", "PUTNOTIF severity=warning time=$now host=a plugin=b type=c message=\"a b\"",
  'PUTNOTIF', 'PUTNOTIF message=x', 'PUTNOTIF severity=okay message=x', "PUTNOTIF severity=bad time=$now message=x",
  "PUTNOTIF severity=okay time=$now", "PUTNOTIF severity=okay time=x message=x", "PUTNOTIF time=$now foo=bar severity=okay message=x",
  "PUTNOTIF severity=okay time=$now message=\"x", 'GETTHRESHOLD',
);
for my $line (@lines) {
  my %answer = map { $_ => neutral(join("\n", ask($socket{$_}, $line))) } keys %socket;
  my $shown = $line =~ s/\Q$now\E/NOW/gr;
  is($answer{vitald}, $answer{collectd}, "unixsock: $shown");
  is($answer{control}, $answer{collectd}, "control socket: $shown") if $answer{vitald} ne $answer{control} && $line !~ /^PUTVAL/;
}

subtest 'several commands on one connection, at once' => sub {
  my $conversation = "GETVAL localhost/t-a/gauge-x\nNOSUCH\r\nGETVAL localhost/t-b/load\n";
  my %answer;
  for my $who (qw(collectd vitald control)) {
    my $socket = IO::Socket::UNIX->new(Peer => $socket{$who}) or die "$socket{$who}: $!";
    print $socket $conversation;
    shutdown($socket, 1);
    $answer{$who} = join('', <$socket>);
  }
  is($answer{vitald}, $answer{collectd}, 'the same');
  is($answer{control}, $answer{collectd}, 'the same on the control socket');
};

# What collectd does not survive, or never answers; documented as mended.
subtest 'mended' => sub {
  is(scalar ask($socket{vitald}, "PUTVAL localhost/a/gauge foo=bar $now:1"), '-1 Cannot parse option `foo\'.', 'an unknown option is answered');
  like(scalar ask($socket{vitald}, 'GETTHRESHOLD localhost/t-a/gauge-x'), qr/^-1 No threshold/, 'a series without thresholds harms nothing');
  is(scalar ask($socket{vitald}, 'GETTHRESHOLD nothing'), '-1 Cannot parse identifier `nothing\'.', 'nor does what is no name');
};

# collectdctl itself.
my @calls = (
  ['listval'], ['listval', '-x'], ['getval', 'localhost/t-a/gauge-x'], ['getval', 'localhost/t-a/gauge-y'],
  ['getval', 't-a/gauge-x'], ['getval', 'localhost/t-b/load'], ['getval', 'localhost/t-b/if_octets'],
  ['getval', 'localhost/t with blank/gauge-with blank'], ['getval', 'localhost/t-c/counter-big'], ['getval', 'localhost/none/none'],
  ['getval'], ['getval', 'a', 'b'], ['getval', 'x'],
  ['putval', 'localhost/ctl/gauge-x', 'interval=3600', "$now:17"], ['getval', 'localhost/ctl/gauge-x'],
  ['putval', 'localhost/ctl/gauge-x', 'interval=3600', 'N:18'], ['getval', 'localhost/ctl/gauge-x'],
  ['putval', 'localhost/ctl/gauge-u', 'interval=3600', "$now:U"], ['getval', 'localhost/ctl/gauge-u'],
  ['putval', 'localhost/ctl/gauge-x', "$now:1"], ['putval', 'localhost/ctl/gauge-x'], ['putval'],
  ['putval', 'localhost/ctl/gauge-x', 'foo=3', "$now:1"], ['putval', 'localhost/ctl/gauge-x', 'interval=x', "$now:1"],
  ['putval', 'localhost/ctl/gauge-x', 'nonsense'], ['putval', 'localhost/ctl/gauge-x', "$now:1:2"],
  ['putval', 'localhost/ctl/nosuch', "$now:1"], ['putval', 'localhost/ctl/gauge-x', "$now:1x"],
  ['putval', 'localhost/ctl/load-b', 'interval=3600', "$now:1:2:3"], ['getval', 'localhost/ctl/load-b'],
  ['flush'], ['flush', 'plugin=csv'], ['flush', 'plugin=nosuch'], ['flush', 'timeout=0'], ['flush', 'timeout=x'],
  ['flush', 'identifier=localhost/ctl/gauge-x'], ['flush', 'plugin=csv', 'identifier=localhost/ctl/gauge-x'], ['flush', 'nosuch=1'],
  ['flush', 'nosuch'], ['nosuch'], ['nosuch', 'x'],
);
my %program = (collectd => 'collectdctl', vitald => 'collectdctl', control => $VITALCTL);
sub called {
  my ($who, @arguments) = @_;
  my ($status, $out, $err) = run('/usr/bin/env', $program{$who}, '-s', $socket{$who}, @arguments);
  $err =~ s/vitalctl/collectdctl/g;
  return ($status, neutral($out), neutral($err));
}
for my $call (@calls) {
  my ($status, $out, $err) = called('collectd', @$call);
  my $shown = join(' ', @$call) =~ s/\Q$now\E/NOW/gr;
  my ($our_status, $our_out, $our_err) = called('vitald', @$call);
  is_deeply([$our_status, $our_out, $our_err], [$status, $out, $err], "collectdctl $shown");
  ($our_status, $our_out, $our_err) = called('control', @$call);
  is($our_status, $status, "vitalctl $shown: exit code $status");
  is($our_out, $out, "vitalctl $shown: output");
}

subtest 'vitalctl putnotif, which collectdctl lacks' => sub {
  for ([0, 'severity=warning', "time=$now", 'message=hello world'], [0, 'severity=okay', "time=$now", 's:meta=text', 'message=m'],
    [0, 'severity=failure', "time=$now", 'host=h', 'plugin=p', 'plugin_instance=pi', 'type=t', 'type_instance=ti', 'message=m'],
    [255, 'severity=warning', "time=$now"], [255, 'nonsense'], [255, 'severity=bad', "time=$now", 'message=x']) {
    my ($expected, @arguments) = @$_;
    my ($status, $out, $err) = called('control', 'putnotif', @arguments);
    is($status, $expected, "putnotif @arguments");
    isnt($err, '', 'what is wrong is said') if $expected;
  }
};

is($vitald->stop, 0, 'vitald stops');
is($collectd->stop, 0, 'collectd stops');
done_testing;
