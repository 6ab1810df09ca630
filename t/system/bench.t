#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# vital-bench: what it sends arrives at the real collectd, at vitald and at itself, and it counts what they
# send.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::INET;
use POSIX ();
use Test::More;
use Vital;

need('collectd');
my $bench = "$BUILD/src/vital-bench";
-x $bench or die "no vital-bench in $BUILD\n";
my $users = spit(workdir() . '/users', "alice: s3cret\n");
my @alice = ('-u', 'alice', '-w', 's3cret');

sub free_port {
  my $socket = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1') or die $!;
  return $socket->sockport;
}

sub listens {
  my ($port) = @_;
  my $line = sprintf('%04X', $port);
  return eventually(sub { slurp('/proc/net/udp') =~ /:$line 00000000:0000/ });
}

# A sink in the background: its process, and where it writes.
sub receive {
  my ($port, @options) = @_;
  my $out = workdir() . '/received';
  my $pid = fork // die $!;
  if (!$pid) {
    open(STDOUT, '>', $out) or POSIX::_exit(126);
    exec {$bench} $bench, 'receive', @options, '127.0.0.1', $port or POSIX::_exit(127);
  }
  listens($port) or die "vital-bench does not listen\n";
  return ($pid, $out);
}

sub ended { my ($pid) = @_; kill('INT', $pid); waitpid($pid, 0); return $? }

for my $level ('None', 'Sign', 'Encrypt') {
  subtest "send and receive: $level" => sub {
    my $port = free_port();
    my ($pid, $out) = receive($port, '-l', $level, '-a', $users);
    my ($status, $said) = run($bench, 'send', '-n', 3000, '-H', 30, '-r', 30_000, '-t', 1, '-l', $level, @alice, '127.0.0.1', $port);
    is($status, 0, 'sent');
    my ($sent, $packets) = $said =~ /^sent (\d+) values in (\d+) packets/;
    cmp_ok($sent, '>', 25_000, "$sent values");
    cmp_ok($sent, '<', 35_000, 'at the rate that was asked for');
    is(ended($pid), 0, 'the sink ends well');
    my $got = slurp($out);
    like($got, qr/^received $sent values /m, 'it has counted all of them');
    like($got, qr/^  packets +$packets$/m, 'and the packets');
    unlike($got, qr/^  (?!packets  |bytes).* [1-9]\d*$/m, 'and found nothing wrong') or diag $got;
  };
  for my $which ('collectd', 'vitald') {
    subtest "send to $which: $level" => sub {
      my $port = free_port();
      my $auth = $level eq 'None' ? '' : "    SecurityLevel $level\n    AuthFile \"$users\"\n";
      my $config = "LoadPlugin network\n<Plugin network>\n  <Listen \"127.0.0.1\" \"$port\">\n$auth  </Listen>\n</Plugin>\n";
      my $to = $which eq 'collectd' ? start_collectd($config) : start_vitald($config);
      listens($port) or die "$which does not listen\n";
      my ($status) = run($bench, 'send', '-n', 500, '-H', 5, '-r', 5000, '-t', 1, '-l', $level, @alice, '127.0.0.1', $port);
      is($status, 0, 'sent');
      my $known = sub { scalar grep { /host\d\.bench\.example/ } $to->ask_it('LISTVAL') };
      ok(eventually(sub { $known->() == 500 }), 'every series is there') or diag $known->();
      is($to->stop, 0, 'stopped');
    };
  }
}

subtest 'what a real sender sends' => sub {
  my $port = free_port();
  my ($pid, $out) = receive($port, '-l', 'Encrypt', @alice);
  my $from = start_collectd("LoadPlugin network\n<Plugin network>\n  <Server \"127.0.0.1\" \"$port\">\n    SecurityLevel Encrypt\n"
    . "    Username alice\n    Password s3cret\n  </Server>\n</Plugin>\n");
  my @answers = $from->ask_it(map { "PUTVAL far/p-$_/gauge interval=10 1700000000:$_" } 1 .. 100);
  push @answers, $from->ask_it('PUTNOTIF severity=okay time=1700000000 message=hello');
  is(scalar(grep { /^0 Success/ } @answers), 101, 'the sender takes it');
  is($from->stop, 0, 'stopped');
  is(ended($pid), 0, 'the sink ends well');
  my $got = slurp($out);
  my ($values) = $got =~ /^received (\d+) values /m;
  cmp_ok($values, '>=', 100, 'the values are counted');
  like($got, qr/^  notifications +[1-9]/m, 'the notification too');
  like($got, qr/^  packets of unknown users +0$/m, 'the password is right');
};

subtest 'what cannot be done is said' => sub {
  my ($status, $out, $err) = run($bench, 'send', '-l', 'Sign');
  is($status, 1, 'wrong usage');
  like($err, qr/needs --user and --password/, 'and why');
  ($status, $out, $err) = run($bench, 'receive', '-t', 1, '192.0.2.1', free_port());
  isnt($status, 0, 'an address of somebody else');
  like($err, qr/192\.0\.2\.1.*Cannot assign/, 'and why');
  ($status, $out, $err) = run($bench, 'receive', '-t', 1, '-l', 'Sign', '-a', '/nowhere/users', '127.0.0.1', free_port());
  isnt($status, 0, 'users that are not there');
  like($err, qr/\/nowhere\/users.*No such file/, 'and why');
  ($status, $out, $err) = run($bench, 'send', '-n', 10, '-H', 1, '-t', 1, '-r', 100, '127.0.0.1', free_port());
  is($status, 0, 'nobody listens');
  like($out, qr/packets could not be sent: nobody listens/, 'and that is told');
};

done_testing;
