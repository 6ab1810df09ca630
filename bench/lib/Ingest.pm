# SPDX-License-Identifier: MIT
# The server's side of bench/run: what a value costs the daemon that receives it over the network, and what
# a series takes of its memory.
package Ingest;
use strict;
use warnings;
use Exporter qw(import);
use IO::Socket::INET;
use Agents;
use Vital;

our @EXPORT = qw(receive_load);

my $bench = "$BUILD/src/vital-bench";

sub free_port {
  my $socket = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1') or die $!;
  return $socket->sockport;
}

sub receiver {
  my ($agent, $port, $level, $users) = @_;
  my $auth = $level eq 'None' ? '' : "    SecurityLevel $level\n    AuthFile \"$users\"\n";
  my $config = "TypesDB \"$SOURCE/etc/types.db\"\nLoadPlugin network\n<Plugin network>\n"
    . "  <Listen \"127.0.0.1\" \"$port\">\n$auth  </Listen>\n  ReportStats true\n</Plugin>\n";
  # The logs of what has no writer would cost collectd more than the values do.
  $config = "LoadPlugin logfile\n<Plugin logfile>\n  LogLevel err\n  File \"/dev/null\"\n</Plugin>\n$config" if $agent eq 'collectd';
  return $agent eq 'collectd' ? start_collectd($config, interval => 10) : start_vitald($config, interval => 10);
}

# How many values were sent.
sub send_load {
  my ($load, $port, $seconds, $rate) = @_;
  my ($status, $out) = run($bench, 'send', '-n', $load->{series}, '-H', $load->{series} / 100, '-r', $rate, '-t', $seconds,
    '-l', $load->{level}, '-u', 'alice', '-w', 's3cret', '127.0.0.1', $port);
  return $out =~ /^sent (\d+) values/ ? $1 : die "vital-bench failed\n";
}

# Packets that the kernel dropped because nobody read them in time; that is asked of the kernel, as collectd
# tells only a rate.
sub dropped {
  my ($port) = @_;
  my $line = sprintf('%04X', $port);
  for (split(/\n/, slurp('/proc/net/udp') // '')) {
    my @fields = split;
    return $fields[-1] if @fields > 12 && $fields[1] =~ /:$line$/;
  }
  return 0;
}

# A daemon takes a load ({series, level}) for so many seconds, several times: {cost => us of CPU a value,
# series => bytes of its memory a series, lost => packets}, each a figure of every time.
sub receive_load {
  my ($agent, $load, $rate, $seconds, $times) = @_;
  -x $bench or die "no vital-bench in $BUILD: it needs libssl-dev\n";
  my $port = free_port();
  my $daemon = receiver($agent, $port, $load->{level}, spit(workdir() . '/users', "alice: s3cret\n"));
  my $empty = memory($daemon->pid)->{rss};
  # Every series once, not too fast, and then what is measured.
  cost($daemon, sub { send_load($load, $port, 1 + $load->{series} / 100_000, 100_000) });
  my %seen;
  for (1 .. $times) {
    my ($sent, $lost) = (0, dropped($port));
    my $cost = cost($daemon, sub { $sent = send_load($load, $port, $seconds, $rate) });
    push @{$seen{cost}}, $cost / $sent;
    push @{$seen{lost}}, dropped($port) - $lost;
    push @{$seen{series}}, (memory($daemon->pid)->{rss} - $empty) * 1024 / $load->{series};
  }
  $daemon->stop(undef, 60) // kill('KILL', $daemon->pid);
  return \%seen;
}

1;
