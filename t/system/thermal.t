#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# collectd and vitald read the same thermal zones: those of machines whose files were collected.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use SysClass;
use Test::More;
use Vital;

SysClass::enter('thermal');

sub compare { my ($what, $options) = @_; return SysClass::compare($what, 'thermal', $options) }

subtest 'zones and cooling devices' => sub {
  for my $machine (qw(linux-3.10-qemu linux-6.1-arm64-rpi3 linux-6.12-qemu-numa)) {
    SysClass::cover("$SOURCE/t/fixtures/$machine/sys/class");
    my ($ours) = compare($machine, '');
    cmp_ok(scalar keys %$ours, '>', 0, "$machine: something is there");
  }
};

SysClass::cover("$SOURCE/t/fixtures/linux-6.1-qemu/sys/class");

subtest 'selected' => sub {
  my ($ours) = compare('selected', "Device \"thermal_zone1\"\nDevice \"/device[02]\$/\"\n");
  is(scalar keys %$ours, 3, 'nothing else') or diag explain $ours;
};

subtest 'left out' => sub {
  my ($ours) = compare('left out', "Device \"/^cooling/\"\nDevice \"thermal_zone0\"\nIgnoreSelected true\n");
  is_deeply($ours, {'localhost/thermal-thermal_zone1/temperature' => -3.1}, 'all but these');
};

done_testing;
