#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The syslog plugin beside collectd's: each daemon gets a /dev of its own whose log is a socket of this
# test, and what arrives there is compared.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::UNIX;
use Socket;
use Test::More;
use Vital;

plan skip_all => 'wants root, for mounts of its own' if $> != 0;

# Runs a command with a /dev that has the usual devices and a log that leads to the given socket.
my $own_dev = <<'END';
set -e
dev=$1; log=$2; shift 2
mount -t tmpfs none "$dev"
for device in null zero full random urandom tty; do
  : > "$dev/$device"
  mount --bind "/dev/$device" "$dev/$device"
done
ln -s /proc/self/fd "$dev/fd"
ln -s "$log" "$dev/log"
mount --rbind "$dev" /dev
exec "$@"
END

sub through {
  my ($dir) = @_;
  mkdir "$dir/dev";
  return ['unshare', '-m', 'sh', '-c', $own_dev, 'sh', "$dir/dev", "$dir/log"];
}

my ($possible) = run(@{through(workdir())}, 'true');
plan skip_all => 'mounts are not allowed here' if $possible != 0;
need('collectd');

sub listen_at {
  my ($path) = @_;
  return IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $path) // die "$path: $!";
}

my @notifications = (
  'PUTNOTIF severity=failure time=1700000000.5 message="a \"b\" 100%s" host=h plugin=p type=t',
  'PUTNOTIF severity=warning time=1700000001 message=w',
  'PUTNOTIF severity=okay time=1700000002 message=o s:k=v host=h plugin=p plugin_instance=pi type=t type_instance=ti',
);

# The notifications as they arrive, with their priorities, then all datagrams.
sub notified {
  my ($start, $options) = @_;
  my $dir = workdir();
  my $log = listen_at("$dir/log");
  my $socket = "$dir/client.sock";
  my $daemon = $start->("LoadPlugin syslog\n<Plugin syslog>\n$options</Plugin>\n", $dir, $socket);
  eventually { -S $socket && ask($socket, 'LISTVAL') =~ /found/ } or die 'no socket';
  is($_, '0 Success', 'a notification is taken') for ask($socket, @notifications);
  $daemon->stop;
  $log->blocking(0);
  my @all;
  while (defined $log->recv(my $datagram, 65536)) { push @all, $datagram }
  my @notes = map { /^(<\d+>).*?(Notification: .*)/ ? "$1$2" : () } @all;
  return (join("\n", @notes), $daemon, @all);
}

sub vitald {
  my ($config, $dir, $socket) = @_;
  return start_vitald($config, dir => $dir, socket => $socket, wait => 0, through => through($dir));
}

sub collectd {
  my ($config, $dir, $socket) = @_;
  return start_collectd($config, dir => $dir, socket => $socket, through => through($dir));
}

for my $level (qw(info notice warning err debug)) {
  for my $notify ('', 'OKAY', 'WARNING', 'FAILURE') {
    my $options = "  LogLevel $level\n" . ($notify ? "  NotifyLevel $notify\n" : '');
    my ($theirs) = notified(\&collectd, $options);
    my ($ours, $daemon, @all) = notified(\&vitald, $options);
    is($ours, $theirs, "LogLevel $level, NotifyLevel " . ($notify || 'none'));
    my @messages = grep { !/Notification/ } @all;
    is(scalar(grep { !/^<(27|28|29|30)>\w{3} [ \d]\d [\d:]{8} vitald\[\d+\]: \S/ } @messages), 0,
      'and messages come from vitald, as daemon, with their severity');
    if ($level =~ /info|debug/) {
      is(scalar(grep { /^<30>.*entering read-loop/ } @messages), 1, 'informational ones arrive');
      is($daemon->log, '', 'and nothing goes to standard error');
    } else {
      is(scalar(grep { /^<30>/ } @messages), 0, 'informational ones are kept back');
    }
  }
}

done_testing();
