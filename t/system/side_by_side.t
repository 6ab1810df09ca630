#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# vitald beside the real collectd, on this host, with the same configuration: the same RRD files of
# the same structure, the same series, and values that agree. First over kernel files that stand
# still, where counters must agree exactly; then over the living host for a minute (or as long as
# SIDE_BY_SIDE says, in seconds).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

need('collectd', 'rrdtool', 'unshare', 'ip', 'mount');

# In namespaces of our own: kernel files can be replaced, and no one else's traffic is counted.
if (!$ENV{VITAL_OWN_NAMESPACES}) {
  $ENV{VITAL_OWN_NAMESPACES} = 1;
  exec('unshare', '--mount', '--net', '--propagation', 'private', $^X, $0) or die "unshare: $!";
}

my $seconds = $ENV{SIDE_BY_SIDE} // 60;

sub sh {
  my ($command) = @_;
  system('sh', '-c', $command) == 0 or die "failed: $command\n";
}
sh('ip link set lo up && ip link add quiet0 type veth peer name quiet1 && sysctl -qw net.ipv6.conf.quiet0.disable_ipv6=1 net.ipv6.conf.quiet1.disable_ipv6=1 && ip link set quiet0 up && ip link set quiet1 up');
sh('ip address add 192.0.2.1/24 dev quiet0');

my @readers = qw(contextswitch cpu df disk entropy interface irq load memory ping processes swap thermal uptime users vmem);
my $options = <<'END';
<Plugin cpu>
  ReportNumCpu true
</Plugin>
<Plugin memory>
  ValuesPercentage true
</Plugin>
<Plugin df>
  FSType "/^(proc|sysfs|devtmpfs|devpts|cgroup2?|tmpfs|mqueue)$/"
  IgnoreSelected true
  ReportInodes true
  ValuesPercentage true
</Plugin>
<Plugin interface>
  ReportInactive true
</Plugin>
<Plugin swap>
  ReportByDevice false
  ReportBytes true
</Plugin>
<Plugin vmem>
  Verbose true
</Plugin>
<Plugin ping>
  Host "127.0.0.1"
</Plugin>
<Plugin processes>
  CollectContextSwitch true
  CollectFileDescriptor true
  CollectMemoryMaps true
  Process "perl"
  ProcessMatch "ours" "side_by_side"
</Plugin>
END

sub configuration {
  my ($dir, $writer) = @_;
  return join('', map { "LoadPlugin $_\n" } @readers) . $options . "LoadPlugin $writer\n<Plugin $writer>\n  DataDir \"$dir/data\"\n</Plugin>\n";
}

sub both {
  my ($writer) = @_;
  my ($a, $b) = (workdir(), workdir());
  # Processes count each other: both stand before either is compared.
  my $collectd = start_collectd(configuration($a, $writer), dir => $a);
  my $vitald = start_vitald(configuration($b, $writer), dir => $b);
  return ($collectd, $vitald);
}

# The last line of each CSV file: what was read, without its time.
sub last_values {
  my ($dir) = @_;
  my %values;
  for my $file (files_below("$dir/data")) {
    my @lines = split(/\n/, slurp("$dir/data/$file")) or next;
    my (undef, @fields) = split(/,/, $lines[-1]);
    $values{$file} = [$lines[0], @fields];
  }
  return \%values;
}

sub same_names {
  my ($theirs, $ours, $what) = @_;
  my %theirs = map { $_ => 1 } @$theirs;
  my %ours = map { $_ => 1 } @$ours;
  is_deeply([grep { !$ours{$_} } sort keys %theirs], [], "$what: nothing that collectd has is missing");
  is_deeply([grep { !$theirs{$_} } sort keys %ours], [], "$what: nothing is there that collectd has not");
  return grep { $ours{$_} } sort keys %theirs;
}

my $fixture = "$SOURCE/t/fixtures/linux-6.1-qemu/proc";

subtest 'kernel files that stand still' => sub {
  my @frozen = grep { -f "$fixture/$_" } qw(stat meminfo vmstat loadavg interrupts diskstats swaps uptime);
  cmp_ok(scalar @frozen, '>=', 7, "frozen: @frozen");
  sh("mount --bind '$fixture/$_' /proc/$_") for @frozen;
  my ($collectd, $vitald) = both('csv');
  # What lives: what is no file (collectd asks sysinfo(2) for load and uptime), or is not frozen.
  my $living = qr{^localhost/(df-|ping|processes|users|entropy|thermal|load|uptime|interface-lo/)};
  ok(eventually(sub { keys %{last_values($vitald->dir)} >= keys %{last_values($collectd->dir)} && files_below($collectd->dir . '/data') > 50 }, 15), 'values arrive');
  sleep 3;
  is($vitald->stop, 0, 'vitald stops');
  is($collectd->stop, 0, 'collectd stops');
  my ($theirs, $ours) = map { last_values($_->dir) } $collectd, $vitald;
  my @names = same_names([keys %$theirs], [keys %$ours], 'CSV files');
  my ($compared, @differ) = (0);
  for my $name (grep { $_ !~ $living } @names) {
    ++$compared;
    push @differ, "$name: @{$theirs->{$name}} | @{$ours->{$name}}" if "@{$theirs->{$name}}" ne "@{$ours->{$name}}";
  }
  cmp_ok($compared, '>', 100, "$compared series compared");
  is(join("\n", @differ), '', 'all the same, to the digit');
  sh("umount /proc/$_") for @frozen;
};

subtest 'the living host' => sub {
  my ($collectd, $vitald) = both('rrdtool');
  note("for $seconds s");
  sleep $seconds;
  # The last values, read from both at about the same moment.
  my %value;
  for my $daemon ($collectd, $vitald) {
    for my $name ($daemon->names) {
      my ($head, @values) = $daemon->ask_it("GETVAL \"$name\"");
      $value{$daemon}{$name} = [map { s/^[^=]*=//r } @values];
    }
  }
  is($vitald->status_of('reader', $_)->{missed}, 0, "$_ missed no tick") for @readers;
  is($vitald->stop, 0, 'vitald stops');
  is($collectd->stop(undef, 15), 0, 'collectd stops');
  # What a disk has under way is reported from the first time on that it is not nothing, which the two
  # see at different moments.
  my $by_chance = qr{^localhost/disk-[^/]*/pending_operations};
  my @files = same_names((map { [grep { !/$by_chance/ } files_below($_->dir . '/data')] } $collectd, $vitald), 'RRD files');
  cmp_ok(scalar @files, '>', 100, scalar(@files) . ' RRD files');
  my @differ;
  for my $file (@files) {
    my ($theirs, $ours) = map {
      my $info = `rrdtool info '@{[$_->dir]}/data/$file'`;
      # Where writing stands is of the moment; the first row of a new archive is random.
      join("\n", grep { !/^(filename|last_update)|last_ds|\.value|unknown_sec|cdp_prep|cur_row/ } split(/\n/, $info));
    } $collectd, $vitald;
    push @differ, "$file:\n$theirs\n--\n$ours" if $theirs ne $ours;
  }
  is(join("\n", @differ), '', 'rrdtool info says the same of each');
  my ($agree, @far) = (0);
  for my $name (sort keys %{$value{$collectd}}) {
    my ($theirs, $ours) = ($value{$collectd}{$name}, $value{$vitald}{$name} // next);
    is(scalar @$ours, scalar @$theirs, "$name: as many values") if @$ours != @$theirs;
    # Only what moves slowly can be compared on a living host.
    next if $name !~ m{/(memory|swap|df-|uptime|users|entropy|load|cpu/count|processes/ps_state-zombies)};
    for my $i (0 .. $#$theirs) {
      my ($a, $b) = ($theirs->[$i], $ours->[$i]);
      my $near = $a eq $b || ($a !~ /nan/ && $b !~ /nan/ && abs($a - $b) <= 0.05 * abs($a) + 2**24 * ($name =~ m{/(memory/memory|swap/swap-|df-.*/df_complex)}) + 2);
      $near ? ++$agree : push @far, "$name\[$i]: $a | $b";
    }
  }
  cmp_ok($agree, '>', 30, "$agree values of slow gauges agree");
  is(join("\n", @far), '', 'and none is far off');
};

done_testing;
