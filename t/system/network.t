#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The network plugin and the real collectd, in both directions: every value, time, interval and
# notification arrives as it was sent, at each security level, over IPv4, IPv6 and multicast.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::INET;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

need('collectd');
my $root = $> == 0;

# A port that nobody has just now.
sub free_port {
  my $socket = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1') or die $!;
  return $socket->sockport;
}

# One value, of that host.
sub send_value {
  my ($port, $host, $time) = @_;
  my $text = sub { my ($kind, $text) = @_; return pack('nnZ*', $kind, 5 + length $text, $text) };
  my $packet = $text->(0, $host) . pack('nnQ>', 1, 12, $time // time) . pack('nnQ>', 7, 12, 10) . $text->(2, 'p') . $text->(4, 'gauge')
    . pack('nnnCd<', 6, 15, 1, 1, 5);
  return IO::Socket::INET->new(Proto => 'udp', PeerAddr => '127.0.0.1', PeerPort => $port)->send($packet);
}

my @levels = ('None', 'Sign', 'Encrypt');

sub server_block {
  my ($host, $port, $level, $more) = @_;
  my $user = $level eq 'None' ? '' : "    Username \"alice\"\n    Password \"s3cret\"\n";
  return "  <Server \"$host\" \"$port\">\n    SecurityLevel $level\n$user" . ($more // '') . "  </Server>\n";
}

sub listen_block {
  my ($host, $port, $level, $users, $more) = @_;
  my $auth = $level eq 'None' ? '' : "    AuthFile \"$users\"\n";
  return "  <Listen \"$host\" \"$port\">\n    SecurityLevel $level\n$auth" . ($more // '') . "  </Listen>\n";
}

# Every daemon prints what it has as PUTVAL lines and logs notifications. With more threads than one
# collectd may pass on two values of a series in the wrong order.
sub config {
  my ($types, $network) = @_;
  return "WriteThreads 1\nTypesDB \"$SOURCE/etc/types.db\" \"$types\"\nLoadPlugin logfile\n<Plugin logfile>\n  LogLevel info\n"
    . "  File stderr\n</Plugin>\nLoadPlugin csv\n<Plugin csv>\n  DataDir \"stdout\"\n</Plugin>\n"
    . "LoadPlugin network\n<Plugin network>\n$network</Plugin>\n";
}

sub start {
  my ($which, $network, %options) = @_;
  my $dir = workdir();
  spit("$dir/types.db", "many a:DERIVE:U:U, b:ABSOLUTE:U:U, c:GAUGE:U:U, d:COUNTER:U:U\n");
  my $config = config("$dir/types.db", $network) . ($options{config} // '');
  my @through = (@{delete $options{through} // []}, 'stdbuf', '-oL');    # collectd's lines would wait
  return $which eq 'collectd'
    ? start_collectd($config, dir => $dir, through => \@through, %options)
    : start_vitald($config, dir => $dir, through => \@through, %options);
}

sub printed {
  my ($daemon) = @_;
  my @lines = sort grep { /^PUTVAL / } split(/\n/, slurp($daemon->dir . '/out') // '');
  return \@lines;
}

sub notified {
  my ($daemon) = @_;
  my @lines = sort map { /(Notification: .*)/ ? $1 : () } split(/\n/, $daemon->log);
  return \@lines;
}

# Values of every kind, with what is hardest to carry.
my @values = (
  'alpha/kinds/gauge interval=10 1700000000:42.5',
  'alpha/kinds/gauge-nan interval=10 1700000000:U',
  'alpha/kinds/gauge-inf interval=10 1700000000:inf:',
  'alpha/kinds/gauge-large interval=3600 1700000000.125:-1e300',
  'alpha/kinds/gauge-small interval=3600 1700000000.875:0.000001',
  'alpha/kinds/counter interval=10 1700000000:0',
  'alpha/kinds/counter-32 interval=10 1700000000:4294967295',
  'alpha/kinds/counter-64 interval=10 1700000000:18446744073709551615',
  'alpha/kinds/derive-least interval=10 1700000000:-9223372036854775808',
  'alpha/kinds/derive-most interval=10 1700000000:9223372036854775807',
  'alpha/kinds/absolute interval=10 1700000000:18446744073709551615',
  'alpha/kinds/many interval=10 1700000000:-5:7:-0.0015:18446744073709551615',
  'alpha/kinds-inst/if_octets-eth0 interval=10 1700000000:1000:2000',
  'alpha/kinds-inst/if_octets-eth0 interval=10 1700000010.5:1500:2600',
  'alpha/kinds/load interval=0.5 1700000000.001:0.25:U:1',
  'beta.example.org/other-' . ('p' x 100) . '/gauge-' . ('t' x 100) . ' interval=86400 1500000000:1',
  '"gamma with blanks/plug in/gauge-a b" interval=60 1700000000:7',
  (map { "many.example.org/plugin-$_/load-$_ interval=60 170000000" . ($_ % 10) . ".25:$_.5:$_.25:U" } 0 .. 99),
);
s/:inf:$/:inf/ for @values;

my @notifications = (
  'severity=warning time=1700000020.25 host=alpha plugin=ex type=gauge type_instance=a message="Too hot"',
  'severity=okay time=1700000021 message="bare"',
  'severity=failure time=1700000022 host=h plugin=p plugin_instance=pi type=t type_instance=ti message="'
    . ('m' x 200) . '"',
);

# Gives everything to the sender and waits until the receiver has it.
sub exchange {
  my ($sender, $receiver) = @_;
  my @answers = $sender->ask_it(map { "PUTVAL $_" } @values);
  is(scalar(grep { /^0 Success/ } @answers), scalar @values, 'the sender takes the values');
  @answers = $sender->ask_it(map { "PUTNOTIF $_" } @notifications);
  is(scalar(grep { /^0 Success/ } @answers), scalar @notifications, 'and the notifications');
  eventually {
    $sender->ask_it('FLUSH plugin=network');
    @{printed($receiver)} == @values && @{notified($receiver)} == @notifications
  };
  is_deeply(printed($receiver), printed($sender), 'every value, time and interval arrived unchanged');
  is_deeply(notified($receiver), notified($sender), 'every notification arrived unchanged');
  my @lasting = grep { !/load$/ } sort { $a cmp $b } $sender->names;
  is_deeply([grep { !/load$/ } sort { $a cmp $b } $receiver->names], \@lasting, 'both list the same series');
  my @questions = map { /[ "]/ ? qq(GETVAL "$_") : "GETVAL $_" } @lasting;
  is(join("\n", $receiver->ask_it(@questions)), join("\n", $sender->ask_it(@questions)),
    'and know the same of them');
}

for my $sender ('collectd', 'vitald') {
  my $receiver = $sender eq 'collectd' ? 'vitald' : 'collectd';
  for my $host ('127.0.0.1', '::1') {
    for my $level (@levels) {
      subtest "$sender to $receiver, $host, $level" => sub {
        my $port = free_port();
        my $users = spit(workdir() . '/users', "bob: other\nalice: s3cret\n");
        my $to = start($receiver, listen_block($host, $port, $level, $users));
        my $from = start($sender, server_block($host, $port, $level));
        exchange($from, $to);
        is($_->stop, 0, 'stopped') for $from, $to;
      };
    }
  }
}

# A network namespace with one interface that can multicast, as long as its process lives.
sub namespace {
  my $pid = fork // die $!;
  if ($pid == 0) {
    exec {'unshare'} ('unshare', '-n', 'sh', '-c', 'ip link set lo up && ip link add d0 type veth peer name d1 && ip link set d1 up && '
      . 'ip address add 10.9.8.7/24 dev d0 && ip -6 address add fd09::7/64 dev d0 nodad && '
      . 'ip link set d0 up multicast on && exec sleep 120')
      or POSIX::_exit(127);
  }
  my $ready = eventually { (`nsenter -t $pid -n ip -6 address show d0 2>/dev/null` // '') =~ /fd09::7/ } 5;
  return $ready ? $pid : undef;
}

SKIP: {
  skip 'only root makes network namespaces', 1 if !$root;
  my $pid = namespace() or skip 'network namespaces cannot be made here', 1;
  my @inside = ('nsenter', '-t', $pid, '-n');
  for my $group ('239.192.74.66', 'ff18::efc0:4a42') {
    for my $sender ('collectd', 'vitald') {
      my $receiver = $sender eq 'collectd' ? 'vitald' : 'collectd';
      subtest "$sender to $receiver, multicast $group" => sub {
        my $on = "    Interface \"d0\"\n";
        my $to = start($receiver, listen_block($group, 25826, 'None', undef, $on), through => \@inside);
        my $from = start($sender, "  TimeToLive 2\n" . server_block($group, 25826, 'None', $on), through => \@inside);
        exchange($from, $to);
        is($_->stop, 0, 'stopped') for $from, $to;
      };
    }
  }
  subtest 'our own values that come back by multicast' => sub {
    my $both = server_block('239.192.74.66', 25826, 'None', "    Interface \"d0\"\n")
      . listen_block('239.192.74.66', 25826, 'None', undef, "    Interface \"d0\"\n") . "  ReportStats true\n";
    my $one = start('vitald', $both, through => \@inside, config => "LoadPlugin load\n");
    my $two = start('vitald', $both, through => \@inside, config => "Hostname other\nLoadPlugin load\n");
    ok(eventually(sub { grep({ $_ eq 'other/load/load' } $one->names) && grep({ $_ eq 'localhost/load/load' } $two->names) }),
      'both have the values of both');
    ok(eventually(sub { $one->ask_it('GETVAL localhost/network/total_values-dispatch-rejected') =~ /value=[1-9]/ }),
      'what came back was known');
    unlike($one->log, qr/not newer/, 'and nobody complained');
    is($_->stop, 0, 'stopped') for $one, $two;
  };
  kill('TERM', $pid);
  waitpid($pid, 0);
}

subtest 'what is not secured as it should be is refused' => sub {
  my $port = free_port();
  my $users = spit(workdir() . '/users', "alice: other\n");
  my $to = start('vitald', listen_block('127.0.0.1', $port, 'Sign', $users) . "  ReportStats true\n");
  my @from = map { start('collectd', server_block('127.0.0.1', $port, $_)) } @levels;
  for my $i (0 .. 2) {
    $from[$i]->ask_it("PUTVAL level$i/p/gauge interval=10 1700000000:1", 'FLUSH plugin=network');
  }
  my $said = eventually {
    $_->ask_it('FLUSH plugin=network') for @from;
    $to->log =~ /dropped: unprotected/ && $to->log =~ /dropped: bad_signature/
  };
  ok($said, 'it is said why');
  is_deeply([grep { /^level/ } $to->names], [], 'and none of it is taken');
  spit($users, "alice: s3cret\n");
  sleep 1.1;
  $from[$_]->ask_it("PUTVAL level$_/p/gauge interval=10 1700000010:1") for 0 .. 2;
  ok(eventually(sub { $_->ask_it('FLUSH plugin=network') for @from; 2 == grep { /^level/ } $to->names }),
    'once the password is right, signed and encrypted values are taken');
  is_deeply([sort grep { /^level/ } $to->names], ['level1/p/gauge', 'level2/p/gauge'], 'the plain ones are not');
  is($_->stop, 0, 'stopped') for @from, $to;
};

subtest 'values are sent on when that is wanted' => sub {
  for my $forward ('false', 'true') {
    my ($middle_port, $end_port) = (free_port(), free_port());
    my $end = start('collectd', listen_block('127.0.0.1', $end_port, 'None'));
    my $middle = start('vitald', listen_block('127.0.0.1', $middle_port, 'None')
      . server_block('127.0.0.1', $end_port, 'None') . "  Forward $forward\n");
    my $begin = start('collectd', server_block('127.0.0.1', $middle_port, 'None'));
    $begin->ask_it('PUTVAL far/p/gauge interval=10 1700000000:42.5', 'PUTNOTIF severity=okay time=1700000021 message="far"');
    $middle->ask_it('PUTVAL near/p/gauge interval=10 1700000000:1');
    ok(eventually(sub { $begin->ask_it('FLUSH plugin=network'); grep { $_ eq 'far/p/gauge' } $middle->names }), 'received');
    ok(eventually(sub { grep { $_ eq 'near/p/gauge' } $end->names }), 'the own ones are sent');
    if ($forward eq 'true') {
      ok(eventually(sub { grep { $_ eq 'far/p/gauge' } $end->names }), 'the others as well');
    } else {
      is_deeply([$end->names], ['near/p/gauge'], 'the others are not');
    }
    is_deeply(notified($end), [], 'notifications never');
    is($_->stop, 0, 'stopped') for $begin, $middle, $end;
  }
};

subtest 'a packet comes from the address it should' => sub {
  my $peer = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1') or die $!;
  my $from = start('vitald', server_block('127.0.0.1', $peer->sockport, 'None', "    BindAddress \"127.0.0.2\"\n"));
  $from->ask_it('PUTVAL h/p/gauge interval=10 1700000000:1');
  my $packet;
  ok($peer->recv($packet, 2000), 'it arrives');
  is($peer->peerhost, '127.0.0.2', 'from there');
  is($from->stop, 0, 'stopped');
};

SKIP: {
  skip 'only root may change what a name stands for', 1 if !$root;
  subtest 'a server whose name does not resolve yet, and that moves' => sub {
    my $dir = workdir();
    spit("$dir/hosts", "127.0.0.1 localhost\n");
    my $port = free_port();
    my @servers = map { IO::Socket::INET->new(Proto => 'udp', LocalAddr => $_, LocalPort => $port) } '127.0.0.1', '127.0.0.2';
    my $arrives = sub {
      my ($server, $seconds) = @_;
      my $end = time + $seconds;
      while (time < $end) {
        my $bits = '';
        vec($bits, fileno($server), 1) = 1;
        my $packet;
        return $packet if select($bits, undef, undef, 0.1) && $server->recv($packet, 2000);
      }
      return '';
    };
    my @private = ('unshare', '-m', 'sh', '-c', "mount --bind $dir/hosts /etc/hosts && exec \"\$\@\"", 'sh');
    my $from = start('vitald', server_block('metrics.example', $port, 'None', "    ResolveInterval 1\n"), through => \@private);
    $from->ask_it('PUTVAL early/p/gauge interval=10 1700000000:1');
    ok(eventually(sub { $from->log =~ /sending to metrics.example port $port fails/ }), 'it is said');
    spit("$dir/hosts", "127.0.0.1 localhost metrics.example\n");
    like($arrives->($servers[0], 20), qr/early/, 'what waited arrives once it resolves');
    spit("$dir/hosts", "127.0.0.1 localhost\n127.0.0.2 metrics.example\n");
    my $moved = '';
    for my $i (1 .. 20) {
      $from->ask_it("PUTVAL moved/p/gauge interval=10 17000001$i:1");
      last if ($moved = $arrives->($servers[1], 1));
    }
    like($moved, qr/moved/, 'and it is followed to another address');
    is($from->stop, 0, 'stopped');
  };
}

subtest 'a reload that could not listen changes nothing' => sub {
  my $listen = sub { return "<Plugin network>\n" . join('', map { "  Listen \"127.0.0.1\" \"$_\"\n" } @_) . "</Plugin>\n" };
  my ($first, $second) = (free_port(), free_port());
  my $other = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1', LocalPort => 0) or die "no port: $!";
  my $vitald = start_vitald("LoadPlugin network\n" . $listen->($first));
  my $head = slurp($vitald->{config}) =~ s/<Plugin network>.*//sr;
  my $reload = sub { spit($vitald->{config}, $head . $listen->(@_)); return run($VITALCTL, '-s', $vitald->socket, 'reload') };
  my ($status, $out, $err) = $reload->($first, $other->sockport);
  isnt($status, 0, 'a port that somebody else has: refused');
  like($err . $out, qr/plugin network could not start: 127\.0\.0\.1:@{[$other->sockport]}: Address already in use/, 'with the reason');
  my $puts = sub { my ($port, $name) = @_; return send_value($port, $name) && eventually(sub { grep { /$name/ } $vitald->names }) };
  ok($puts->($first, 'before'), 'the old one goes on');
  ($status) = $reload->($first, $second);
  is($status, 0, 'one more that is free: fine');
  ok($puts->($first, 'old') && $puts->($second, 'new'), 'it listens to both');
  is($vitald->stop, 0, 'vitald ends well');
};

subtest 'no packet is lost in a reload' => sub {
  my $port = free_port();
  my $vitald = start('vitald', "  Listen \"127.0.0.1\" \"$port\"\n");
  my $text = slurp($vitald->{config});
  my $count = 1500;
  my $sender = fork // die $!;
  if (!$sender) {
    for my $i (1 .. $count) { send_value($port, 'host' . $i % 100, 1700000000 + $i); sleep 0.002 }
    POSIX::_exit(0);
  }
  my ($reloads, $fine) = (0, 0);
  while (waitpid($sender, POSIX::WNOHANG()) == 0) {
    my $threads = 1 + ++$reloads % 2;
    spit($vitald->{config}, $text =~ s/<Plugin network>\n/<Plugin network>\n  ReceiveThreads $threads\n/r);
    $fine += (run($VITALCTL, '-s', $vitald->socket, 'reload'))[0] == 0;
    sleep 0.3;
  }
  cmp_ok($reloads, '>', 3, "$reloads reloads while packets come");
  is($fine, $reloads, 'all work');
  my $got = sub { $vitald->status_of('pipeline', 'values')->{passed} };
  ok(eventually(sub { $got->() == $count }), 'every value is there') or diag join(" ", $got->(), grep { /pipeline|network/ } $vitald->ask_it("STATUS"));
  unlike($vitald->log, qr/listening fails/, 'and it listens all the time');
  is($vitald->stop, 0, 'vitald ends well');
};

subtest 'what waits is sent at the end' => sub {
  my $peer = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1') or die $!;
  my $from = start('vitald', server_block('127.0.0.1', $peer->sockport, 'None') . "  FlushTime 3600\n");
  $from->ask_it('PUTVAL last/p/gauge interval=10 1700000000:1');
  is($from->stop, 0, 'stopped');
  my $packet;
  ok($peer->recv($packet, 2000), 'it arrives');
  like($packet, qr/last/, 'with the value');
};

done_testing;
