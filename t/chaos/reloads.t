#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Reloads, one after the other, some of them broken, while values arrive on the socket at 1,000 a
# second: no tick is missed, no value lost or doubled, and the daemon does not grow. 40 reloads;
# CHAOS=long: 500.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../system/lib";
use IO::Socket::UNIX;
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

my $long = ($ENV{CHAOS} // '') eq 'long';
my $reloads = $long ? 500 : 40;
my $warm_up = $long ? 50 : 20;  # reloads until memory and descriptors are what they stay
my $kinds = 10;                 # of changes, the last of them broken
my $series = 100;

my $dir = workdir();
my $types = spit("$dir/types.db", slurp("$SOURCE/etc/types.db"));

# What stands in the configuration at a reload of that number. It comes round.
sub configuration {
  my ($number) = @_;
  my $kind = $number % $kinds;
  spit($types, slurp("$SOURCE/etc/types.db") . ($kind == 4 ? "fresh value:GAUGE:0:U\n" : ''));
  my $config = "LoadPlugin uptime\nCollectInternalStats true\nLoadPlugin csv\n<Plugin csv>\n";
  $config .= '  DataDir "' . ($number % 2 ? 'odd' : 'even') . "\"\n</Plugin>\n";  # another writer each time
  $config .= "LoadPlugin memory\n" if $kind == 1;
  $config .= "<LoadPlugin load>\n  Interval 0.5\n</LoadPlugin>\n" if $kind == 2;
  $config .= "LoadPlugin cpu\n<Plugin cpu>\n  ReportByCpu " . ($kind == 3 ? 'false' : 'true') . "\n</Plugin>\n";
  $config .= "Timeout 3\nWriteQueueLimitHigh 100000\nMaxReadInterval 60\n" if $kind == 5;
  $config .= "LoadPlugin unixsock\n<Plugin unixsock>\n  SocketFile \"$dir/clients\"\n</Plugin>\n" if $kind == 6;
  $config .= "LoadPlugin logfile\n<Plugin logfile>\n  File \"$dir/log\"\n</Plugin>\n" if $kind >= 7;
  $config .= ("<Plugin cpu>\n", "LoadPlugin nonsense\n", "<Plugin csv>\n  StoreRates maybe\n</Plugin>\n")[$number / $kinds % 3]
    if $kind == $kinds - 1;
  return $config;
}

# Puts values for ever, each series ten times a second, and notes how many were accepted.
sub feed {
  my ($path, $note) = @_;
  my $pid = fork // die "fork: $!";
  return $pid if $pid != 0;
  my $stop = 0;
  local $SIG{TERM} = sub { $stop = 1 };
  my $socket = IO::Socket::UNIX->new(Peer => $path) or POSIX::_exit(1);
  my ($sent, $accepted, $next, $begin) = (0, 0, 0, time);
  while (!$stop) {
    my $due = int((time - $begin) * 1000) - $sent;
    sleep 0.01, next if $due < 10;
    my $text = '';
    for (1 .. $due) {
      $text .= sprintf("PUTVAL \"h/fed/gauge-%d\" interval=10 %.3f:%d\n", $next++ % $series, $begin + $sent / 1000, $sent++);
    }
    print $socket $text;
    $socket->flush;
    for (1 .. $due) { my $reply = <$socket> // last; ++$accepted if $reply =~ /^0 Success/ }
    last if !$socket->connected;
  }
  spit($note, "$sent $accepted\n");
  POSIX::_exit(0);
}

# What the daemon costs once the new writer has opened its files.
sub settled {
  my ($daemon) = @_;
  sleep 2.5;
  return %{$daemon->status_of('daemon', 'vitald')};
}

# Some of them open sockets for a group, which root may only as long as it keeps its capabilities.
my $daemon = start_vitald("DropCapabilities false\n" . configuration(0), dir => $dir, types => $types);
my ($head) = slurp($daemon->{config}) =~ /\A((?:(?:Interval|BaseDir|PluginDir|ControlSocket|TypesDB|Hostname|DropCapabilities) .*\n)*)/;
my $feeder = feed($daemon->socket, "$dir/fed");
ok(eventually(sub { grep { m{h/fed} } $daemon->names }), 'values arrive');

my ($refused, $wrong, $slowest, %early, $law) = (0, 0, 0);
for my $number (1 .. $reloads) {
  spit($daemon->{config}, $head . configuration($number));
  my $begin = time;
  my ($status, $out, $err) = run($VITALCTL, '-s', $daemon->socket, 'reload');
  my $took = time - $begin;
  $slowest = $took if $took > $slowest;
  my $broken = $number % $kinds == $kinds - 1;
  ++$wrong, diag("reload $number: $status $out $err") if ($status != 0) != $broken;
  ++$refused if $status != 0;
  my $writer = $daemon->status_of('writer', 'csv');
  $law = "$number: $writer->{submitted} != $writer->{delivered} + $writer->{queued} + $writer->{dropped}"
    if $writer->{submitted} != $writer->{delivered} + $writer->{queued} + $writer->{dropped};
  %early = settled($daemon) if $number == $warm_up;
  sleep 0.2;
}
my %late = settled($daemon);
my %reader = %{$daemon->status_of('reader', 'uptime')};
my $writer = $daemon->status_of('writer', 'csv');
kill('TERM', $feeder);
waitpid($feeder, 0);
my ($sent, $accepted) = split(/ /, slurp("$dir/fed") // '0 0');
is($daemon->stop, 0, 'the daemon stops in order');

is($wrong, 0, "$reloads reloads, the broken ones refused and the others not");
is($refused, int(($reloads + 1) / $kinds), "$refused were broken");
is($accepted + 0, $sent, "all of $sent values were accepted");
is($law // '', '', 'submitted = delivered + queued + dropped at every look');
is($reader{missed}, 0, "no tick of $reader{reads} was missed");
is($writer->{dropped}, 0, 'the writer dropped nothing');

my (%seen, $doubled, @uptimes);
for my $file (grep { m{/(fed/gauge-|uptime/uptime-)} } files_below($dir)) {
  my ($name) = $file =~ m{/((?:fed|uptime)/.*)-\d+-\d+-\d+$};
  for my $line (split(/\n/, slurp("$dir/$file"))) {
    my ($stamp) = $line =~ /^(\d+\.\d+),/ or next;
    ++$doubled if $seen{"$name $stamp"}++;
    push @uptimes, $stamp if $name =~ /uptime/;
  }
}
my $found = grep { /^fed/ } keys %seen;
is($found, $sent, 'each value is in the files');
is($doubled // 0, 0, 'and none is there twice');
@uptimes = sort { $a <=> $b } @uptimes;
is(scalar(grep { $uptimes[$_ + 1] - $uptimes[$_] > 1.5 } 1 .. $#uptimes - 1), 0, 'nor is a tick of a reader missing');

my $growth = ($late{anonymous} - $early{anonymous}) / 1024;
cmp_ok($growth, '<', 1024, sprintf('memory grew by %d KiB', $growth));
cmp_ok(abs($late{descriptors} - $early{descriptors}), '<=', 4, "descriptors: $early{descriptors}, then $late{descriptors}");
cmp_ok(abs($late{threads} - $early{threads}), '<=', 2, "threads: $early{threads}, then $late{threads}");
diag(sprintf('%d reloads, the slowest took %.0f ms; %d values; memory %+d KiB; descriptors %d, threads %d',
  $reloads, $slowest * 1000, $sent, $growth, $late{descriptors}, $late{threads}));
done_testing;
