#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Floods of useless packets, as vital-bench makes them: the memory stays bounded, what is dropped is
# counted, and the values of a peer that behaves keep arriving. With VITAL_LONG set each flood lasts
# 30 s at 100,000 packets/s.
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
my $bench = "$BUILD/src/vital-bench";
-x $bench or die "no vital-bench in $BUILD\n";
my ($seconds, $rate) = $ENV{VITAL_LONG} ? (30, 100_000) : (4, 30_000);

sub free_port {
  my $socket = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1') or die $!;
  return $socket->sockport;
}

sub resident { return slurp('/proc/' . $_[0]->pid . '/status') =~ /VmRSS:\s+(\d+)/ ? $1 : 0 }

sub start_bench {
  my (@arguments) = @_;
  my $pid = fork // die $!;
  return $pid if $pid;
  open(STDOUT, '>', '/dev/null');
  exec {$bench} $bench, @arguments or POSIX::_exit(127);
}

my ($plain, $signed) = (free_port(), free_port());
my $users = spit(workdir() . '/users', "alice: s3cret\n");
my $to = start_vitald("LoadPlugin network\n<Plugin network>\n"
  . "  <Listen \"127.0.0.1\" \"$plain\">\n    SecurityLevel None\n  </Listen>\n"
  . "  <Listen \"127.0.0.1\" \"$signed\">\n    SecurityLevel Sign\n    AuthFile \"$users\"\n  </Listen>\n"
  . "  MaxSeries 50000\n</Plugin>\n");

# The peer is another address, so that it has a name of its own.
my $good = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.2', PeerAddr => '127.0.0.1', PeerPort => $plain) or die $!;
sub part { my ($type, $bytes) = @_; return pack('nn', $type, 4 + length $bytes) . $bytes }
my $second = int(time) - 1000;
sub send_good {
  ++$second;
  $good->send(part(0, "good\0") . part(8, pack('Q>', $second << 30)) . part(9, pack('Q>', 3600 << 30)) . part(2, "p\0")
    . part(4, "gauge\0") . part(6, pack('nC', 1, 1) . pack('d<', $second)));
}
sub arrived { return $to->ask_it('LISTVAL') =~ /^$second(\.000)? good/m }

send_good();
ok(eventually(\&arrived), 'the peer that behaves is heard');
my $before = resident($to);
for my $flood (['random', $plain, qr/dropped_malformed=[1-9]/], ['series', $plain, qr/dropped_series_limit=[1-9]/],
  ['signatures', $signed, qr/dropped_(unknown_user|bad_signature)=[1-9]/]) {
  my ($kind, $port, $counted) = @$flood;
  my $pid = start_bench('flood', $kind, '-u', 'alice', '-r', $rate, '-t', $seconds, '127.0.0.1', $port);
  my ($sent, $got) = (0, 0);
  while (waitpid($pid, POSIX::WNOHANG()) == 0) {
    send_good();
    ++$sent;
    ++$got if eventually(\&arrived, 3);
  }
  is($?, 0, "a flood: $kind");
  cmp_ok($got, '>', 0, 'the values of another peer arrive meanwhile');
  cmp_ok($got, '>=', $sent * 0.8, "nearly all of them ($got of $sent)");
  ok(eventually(sub { my ($line) = grep { /^service network / } $to->ask_it('STATUS'); ($line // '') =~ $counted }),
    'and what was dropped is counted');
  cmp_ok(resident($to) - $before, '<', 60_000, 'the memory is bounded');
}
unlike($to->log, qr/(dropped: .*\n){60}/, 'the log is not flooded');
is($to->stop, 0, 'stopped');

done_testing;
