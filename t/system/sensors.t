#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# collectd and vitald read the same chips through the same libsensors: a tree of ours that lies
# over /sys/class in a mount namespace. They must agree on every name and every value.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Path qw(make_path remove_tree);
use SysClass;
use Test::More;
use Time::HiRes qw(time);
use Vital;

SysClass::enter('sensors');

# --- the chips ---------------------------------------------------------------------------------

my $class = workdir();
my $next = 0;

# A chip: its files by name, and where it sits: [bus, name of the device] or nothing.
sub add_chip {
  my ($files, $bus, $device) = @_;
  my $number = $next++;
  my $hwmon = "$class/hwmon/hwmon$number";
  spit("$hwmon/$_", "$files->{$_}\n") for grep { $_ ne 'name' } keys %$files;
  if (defined $bus) {
    make_path("$class/devices/$device", "$class/bus/$bus");
    symlink("../../bus/$bus", "$class/devices/$device/subsystem") or die $!;
    symlink("../../devices/$device", "$hwmon/device") or die $!;
  }
  spit("$hwmon/name", "$files->{name}\n");    # last: with it the chip is complete
  return $hwmon;
}

# The chips of a machine whose files were collected.
sub add_machine {
  my ($machine, %places) = @_;
  for my $directory (sort glob "$SOURCE/t/fixtures/$machine/sys/class/hwmon/hwmon*") {
    my %files = map { my $text = slurp($_); chomp $text; (s{.*/}{}r => $text) } glob "$directory/*";
    my $place = $places{$files{name}};
    add_chip(\%files, $place ? @$place : ());
  }
}

add_machine('linux-5.10-qemu-4cpu',
  lm75 => ['i2c', '0-0048'], lm80 => ['i2c', '0-0028'], lm90 => ['i2c', '0-004c']);
add_machine('linux-6.1-qemu', nvme => ['pci', '0000:00:04.0'], acpitz => undef);
add_machine('linux-6.1-arm64-rpi3');
add_machine('linux-7.3-qemu', nvme => ['pci', '0000:00:05.0']);
my $coretemp = {
    name => 'coretemp',
    temp1_input => 45000, temp1_label => 'Package id 0', temp1_max => 80000,
    temp2_input => 44500, temp2_label => 'Core 0',
    temp3_input => -1500, temp3_label => 'Core 0',             # twice the same
    temp4_input => 39000, temp4_label => 'left/right "side"',
    temp5_max => 80000, temp5_label => 'no value at all',
    temp6_input => '', temp6_label => 'asleep',
    temp7_input => 'warm', temp7_label => 'broken',
  };
my $goes = add_chip($coretemp, 'platform', 'coretemp.1');
add_chip($coretemp, 'platform', 'coretemp.0');
add_chip({
    name => 'allkinds',
    in0_input => 1216, in1_input => 0, in0_label => 'Vcore',
    fan1_input => 1350, fan2_input => 0, fan1_label => 'CPU fan',
    power1_input => 15250000, power1_label => 'PPT',
    power2_average => 9125000,                                 # no value of the moment
    power3_average => 8000000, power3_input => 8250000,
    curr1_input => 2375, curr1_label => 'PSU "12 V"',
    humidity1_input => 43500,
    energy1_input => 123456789, intrusion0_alarm => 1, cpu0_vid => 1250, beep_enable => 1,
  }, 'platform', 'allkinds.656');
add_chip({name => 'it8728', in0_input => 1000, temp1_input => 30000}, 'spi', 'spi1.2');
add_chip({name => 'hidchip', temp1_input => 31000}, 'hid', '0003:1B1C:0C10.0004');
add_chip({name => 'drivetemp', temp1_input => 28000}, 'scsi', '2:0:0:0');
add_chip({name => 'phychip', temp1_input => 51000}, 'mdio_bus', 'stmmac-0:01');
add_chip({name => 'acpichip', temp1_input => 52000}, 'acpi', 'ACPI000D:00');
SysClass::cover($class);

# --- what is read of them ----------------------------------------------------------------------

sub plugin { return SysClass::plugin('sensors', @_) }
sub compare { my ($what, @more) = @_; return SysClass::compare($what, 'sensors', @more) }

# One that lives through all of the tests: what comes and goes is noticed within a minute.
my $long = start_vitald(plugin(''));
my $begin = time;
is(SysClass::settled($long, 'sensors')->{'localhost/sensors-coretemp-isa-0001/temperature-temp1'}, 45, 'it reads');
remove_tree($goes);
add_chip({name => 'late', temp1_input => 77000});

subtest 'as it comes' => sub {
  my ($ours, $log) = compare('as it comes', '');
  cmp_ok(scalar keys %$ours, '>', 30, 'there are many');
  my %kinds = map { m{/([^/-]+)-[^/]+$} ? ($1 => 1) : () } keys %$ours;
  is_deeply([sort keys %kinds], [qw(current fanspeed humidity power temperature voltage)], 'of each kind');
  is($ours->{'localhost/sensors-lm75-i2c-0-48/temperature-temp1'}, 42.5, 'from an i2c bus');
  is($ours->{'localhost/sensors-allkinds-isa-0290/power-power3'}, 8.25, 'power is the power of the moment');
  ok(!exists $ours->{'localhost/sensors-allkinds-isa-0290/power-power2'}, 'an average is not');
  my @said = $log =~ /(\S+temperature-temp[67] fails: .*)/g;
  is(scalar @said, 2, 'each sensor that never had a value is named once') or diag $log;
};

# collectd reports both of two with one name; an RRD file takes the first of a second.
my $twice = 'localhost/sensors-coretemp-isa-0000/temperature-Core 0';
subtest 'labels' => sub {
  my ($ours, $log) = compare('labels', "UseLabels true\n", $twice);
  is($ours->{$twice}, 44.5, 'the first of two that are called the same');
  is($ours->{'localhost/sensors-coretemp-isa-0000/temperature-left_right "side"'}, 39, 'a label with odd letters');
  like($log, qr{sensors-coretemp-isa-0000/temperature-Core 0 is there twice}, 'which is said') or diag $log;
};

subtest 'selected' => sub {
  my ($ours) = compare('selected',
    "Sensor \"coretemp-isa-0000/temperature-temp1\"\nSensor \"/^lm80.*fan/\"\nIgnoreSelected false\n");
  is_deeply([sort keys %$ours], ['localhost/sensors-coretemp-isa-0000/temperature-temp1',
    map { "localhost/sensors-lm80-i2c-0-28/fanspeed-fan$_" } 1, 2], 'nothing else');
};

subtest 'left out' => sub {
  my ($ours) = compare('left out', "UseLabels true\nSensor \"/temperature/\"\n"
    . "Sensor \"allkinds-isa-0290/voltage-Vcore\"\nIgnoreSelected true\n");
  ok(!grep(/temperature|Vcore/, keys %$ours), 'they are gone');
  ok(exists $ours->{'localhost/sensors-allkinds-isa-0290/fanspeed-CPU fan'}, 'the others are there');
};

subtest 'a configuration of its own' => sub {
  my $file = spit(workdir() . '/sensors.conf', <<'CONF');
chip "allkinds-*"
  label in0 "Core voltage"
  compute in0 2*@, @/2
  ignore curr1
  label fan1 "in front"
chip "lm75-i2c-*-48"
  label temp1 "board"
  compute temp1 @-2.5, @+2.5
CONF
  my ($ours) = compare('its own', "SensorConfigFile \"$file\"\nUseLabels true\n", $twice);
  is($ours->{'localhost/sensors-allkinds-isa-0290/voltage-Core voltage'}, 2.432, 'computed and named');
  is($ours->{'localhost/sensors-lm75-i2c-0-48/temperature-board'}, 40, 'and so is another');
  ok(!grep({ /allkinds.*current/ } keys %$ours), 'ignored');
};

subtest 'a configuration with a mistake' => sub {
  my $file = spit(workdir() . '/sensors.conf', "chip \"lm75-*\"\n  label temp1\nchip \"lm80-*\"\n  ignore fan1\n");
  my ($ours, $log) = compare('with a mistake', "SensorConfigFile \"$file\"\n");
  my @said = $log =~ /(sensors: \Q$file\E, line \d+: \S+)/g;
  is(scalar @said, 1, 'is said once, with file and line') or diag $log;
  ok(!grep({ /lm80.*fan1/ } keys %$ours), 'the rest of it counts');
};

subtest 'a configuration that is not there' => sub {
  my $directory = workdir();
  my $vitald = start_vitald(plugin("SensorConfigFile \"$directory/none.conf\"\n") . "LoadPlugin load\n");
  like($vitald->log, qr{sensors cannot run here: .*\Q$directory\E/none\.conf: No such file}, 'is said') or diag $vitald->log;
  ok(eventually { grep { m{/load/load$} } $vitald->names }, 'and the others go on');
};

subtest 'chips that come and go' => sub {
  my $left = 65 - (time - $begin);
  ok(eventually(sub { grep { m{/sensors-late-virtual-0/} } $long->names }, $left), 'the new one is there');
  ok(eventually(sub { !grep { m{/sensors-coretemp-isa-0001/} } $long->names }, 10), 'the old one is not');
  is($long->status_of('reader', 'sensors')->{failures}, 0, 'which is no failure');
  is(scalar(() = $long->log =~ /temp6 fails/g), 2, 'and nothing was said again') or diag $long->log;
  is($long->stop, 0, 'it ends');
};

subtest 'without a sysfs' => sub {
  system('mount', '-t', 'tmpfs', 'none', '/sys') == 0 or die "mount failed\n";
  my $vitald = start_vitald(plugin('') . "LoadPlugin load\n");
  ok(eventually { $vitald->log =~ /sensors: reading fails: \S/ }, 'is said') or diag $vitald->log;
  ok(eventually { grep { m{/load/load$} } $vitald->names }, 'and the others go on');
  system('umount', '/sys') == 0 or die "umount failed\n";
  ok(eventually(sub { %{SysClass::values_of($vitald, 'sensors')} }, 30), 'it reads as soon as there is one');
  like($vitald->log, qr/sensors: reading works again/, 'which is said');
};

done_testing;
