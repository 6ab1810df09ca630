# SPDX-License-Identifier: MIT
# The agents that bench/run compares: how each is started with the same readers, and what a process costs
# as the kernel counts it.
package Agents;
use strict;
use warnings;
use Exporter qw(import);
use IO::Socket::INET;
use Time::HiRes qw(clock_gettime sleep time);
use Vital;

our @EXPORT = qw(start_agent stop_agent usage cost memory counted counts_instructions);

my @bare = qw(contextswitch cpu df disk entropy interface irq load memory swap uptime users vmem);
my %readers = (bare => [@bare], whole => [@bare, 'processes', 'ping']);
my $df = "<Plugin df>\n  FSType \"/^(proc|sysfs|devtmpfs|devpts|cgroup2?|tmpfs|mqueue)\$/\"\n  IgnoreSelected true\n</Plugin>\n";
my $ping = "<Plugin ping>\n  Host \"127.0.0.1\"\n</Plugin>\n";

sub configuration {
  my ($what, $dir) = @_;
  my $text = join('', map { "LoadPlugin $_\n" } @{$readers{$what->{set}}}) . $df . ($what->{set} eq 'whole' ? $ping : '');
  return $text if $what->{writer} eq 'none';
  my ($plugin, $cached) = $what->{writer} =~ /^(\w+)( cached)?$/;
  my $cache = $cached ? "  CacheTimeout 20\n" : '';
  return $text . "LoadPlugin $plugin\n<Plugin $plugin>\n  DataDir \"$dir/data\"\n$cache</Plugin>\n";
}

# A program that is none of ours: started, and gone at the end.
sub start_peer {
  my ($dir, @command) = @_;
  return Vital::start_process(bless({dir => $dir}, 'Vital'), @command);
}

sub start_floor {
  my ($what, $dir) = @_;
  return start_peer($dir, "$BUILD/bench/floor", '--interval', $what->{interval}, $what->{set} eq 'whole' ? '--whole' : ());
}

# Answers when it is asked: something has to ask it at each interval.
my $next_port = 19199;
sub start_node_exporter {
  my ($what, $dir) = @_;
  my $address = '127.0.0.1:' . $next_port++;
  my $peer = start_peer($dir, 'prometheus-node-exporter', "--web.listen-address=$address", '--collector.disable-defaults',
    map { "--collector.$_" } qw(cpu meminfo loadavg netdev diskstats filesystem stat vmstat entropy time interrupts),
    $what->{set} eq 'whole' ? 'processes' : ());
  eventually { IO::Socket::INET->new($address) } or die "node_exporter did not start:\n" . $peer->log;
  $peer->{scrape} = fork // die "fork: $!";
  scrape($address, $what->{interval}) if $peer->{scrape} == 0;
  return $peer;
}

sub scrape {
  my ($address, $interval) = @_;
  my $parent = getppid();
  while (getppid() == $parent) {
    sleep($interval - (time * 1000 % ($interval * 1000)) / 1000);
    my $socket = IO::Socket::INET->new($address) or next;
    print $socket "GET /metrics HTTP/1.0\r\n\r\n";
    1 while <$socket>;
  }
  POSIX::_exit(0);
}

sub start_netdata {
  my ($what, $dir) = @_;
  my @not_wanted = qw(apps cgroups tc idlejitter checks diskspace timex go.d python.d charts.d perf slabinfo ioping node.d statsd freeipmi nfacct fping);
  spit("$dir/netdata.conf", "[global]\n  run as user = root\n[directories]\n  cache = $dir/cache\n  lib = $dir/lib\n  log = $dir/log\n"
    . "[db]\n  mode = ram\n  update every = $what->{interval}\n[web]\n  mode = none\n[ml]\n  enabled = no\n[health]\n  enabled = no\n"
    . "[logs]\n  access = none\n  error = none\n  debug = none\n"
    . "[plugins]\n  enable running new plugins = no\n  netdata monitoring = no\n  netdata monitoring extended = no\n  " . join("\n  ", map { "$_ = no" } @not_wanted) . "\n  proc = yes\n");
  mkdir "$dir/$_" for qw(cache lib log);
  return start_peer($dir, 'netdata', '-D', '-P', "$dir/pid", '-c', "$dir/netdata.conf");
}

my %start = (
  collectd => sub { my ($what, $dir) = @_; start_collectd(configuration($what, $dir), dir => $dir, interval => $what->{interval}) },
  vitald => sub { my ($what, $dir) = @_; start_vitald(configuration($what, $dir), dir => $dir, interval => $what->{interval}) },
  'the floor' => \&start_floor,
  node_exporter => \&start_node_exporter,
  netdata => \&start_netdata,
);

# An agent with the readers of a set ("bare", "whole"), a writer and an interval, on a directory of its own.
sub start_agent {
  my ($agent, $what) = @_;
  return $start{$agent}->($what, workdir());
}

sub stop_agent {
  my ($process) = @_;
  if ($process->{scrape}) {
    kill('KILL', $process->{scrape});
    waitpid($process->{scrape}, 0);
  }
  $process->stop(undef, 20);
}

# What a process has used until now: nanoseconds on CPUs, of threads that have ended too, wake-ups of those
# that have not, page faults. The clock is the one that clock_getcpuclockid(3) names.
sub usage {
  my ($pid) = @_;
  my $clock = (-$pid - 1) * 8 + 2;
  my %now = (cpu => 1e9 * clock_gettime($clock), wakes => 0, faults => 0);
  for my $task (glob("/proc/$pid/task/*")) {
    $now{wakes} += $1 if (slurp("$task/status") // '') =~ /^voluntary_ctxt_switches:\s+(\d+)/m;
  }
  my (undef, $behind) = split(/\) /, slurp("/proc/$pid/stat") // '', 2);
  $now{faults} = (split(/ /, $behind // ''))[7] // 0;
  return \%now;
}

# The CPU time of a daemon that it needs for some work until it is idle again, in us.
sub cost {
  my ($daemon, $work) = @_;
  my $begin = usage($daemon->pid)->{cpu};
  my $kept = $work->();    # a connection whose thread ends takes its numbers along
  my $last = -1;
  eventually { my $now = usage($daemon->pid)->{cpu}; my $idle = $now - $last < 2e6; $last = $now; sleep 0.5; $idle } 300;
  return (usage($daemon->pid)->{cpu} - $begin) / 1e3;
}

# In kB.
sub memory {
  my ($pid) = @_;
  my $text = slurp("/proc/$pid/smaps_rollup") // '';
  my $of = sub { return $text =~ /^$_[0]:\s+(\d+)/m ? $1 : 0 };
  return {rss => $of->('Rss'), pss => $of->('Pss'), anonymous => $of->('Anonymous')};
}

my $counts;
sub counts_instructions {
  $counts //= (run('perf', 'stat', '-e', 'instructions:u', 'true'))[2] =~ /^\s*[\d,.]+\s+instructions/m ? 1 : 0;
  return $counts;
}

# System calls, and instructions where the machine counts them, of several processes in so many seconds.
sub counted {
  my ($seconds, @pids) = @_;
  my $dir = workdir();
  my @watchers;
  for my $pid (@pids) {
    push @watchers, start_watcher("$dir/$pid.calls", 'timeout', '-s', 'INT', $seconds, 'strace', '-c', '-f', '-p', $pid);
    push @watchers, start_watcher("$dir/$pid.instructions", 'perf', 'stat', '-e', 'instructions:u', '-p', $pid, 'sleep', $seconds)
      if counts_instructions();
  }
  waitpid($_, 0) for @watchers;
  my %seen;
  for my $pid (@pids) {
    my $calls = slurp("$dir/$pid.calls") // '';
    $seen{$pid}{calls} = $calls =~ /^\s*100\.00\s+\S+\s+(?:\S+\s+)?(\d+)\s+(?:\d+\s+)?total/m ? $1 : 0;
    my $instructions = slurp("$dir/$pid.instructions") // '';
    $seen{$pid}{instructions} = $1 =~ s/[,.]//gr if $instructions =~ /^\s*([\d,.]+)\s+instructions/m;
  }
  return \%seen;
}

sub start_watcher {
  my ($output, @command) = @_;
  my $pid = fork // die "fork: $!";
  return $pid if $pid != 0;
  open(STDIN, '<', '/dev/null');
  open(STDOUT, '>', '/dev/null');
  open(STDERR, '>', $output);
  exec { $command[0] } @command or POSIX::_exit(127);
}

1;
