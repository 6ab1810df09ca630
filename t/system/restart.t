#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# What a daemon knows outlives it: rates go on behind a restart, orderly or not.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

my $writes = "StateInterval 1\nTimeout 10\nLoadPlugin csv\n<Plugin csv>\n  DataDir \"csv\"\n  StoreRates true\n</Plugin>\n";

sub put { my ($daemon, $value, $time) = @_; return $daemon->ask_it("PUTVAL h/p/derive-d interval=1 $time:$value") }

# The rates that were written, "nan" for those that were not known.
sub rates {
  my ($dir) = @_;
  my ($file) = grep { m{derive-d-\d} } files_below("$dir/csv");
  return lc join(" ", map { /^\d/ ? (split /,/)[1] * 1 : () } split(/\n/, slurp("$dir/csv/" . ($file // 'none')) // ''));
}

# A start on what an earlier one left behind.
sub again {
  my ($config, $dir) = @_;
  unlink("$dir/err");
  return start_vitald($config, dir => $dir);
}

# Puts values so that the state has been written with the last of them.
sub run_up {
  my ($dir, $begin) = @_;
  my $daemon = start_vitald($writes, dir => $dir);
  put($daemon, 1000, $begin);
  put($daemon, 1010, $begin + 1);
  ok(eventually(sub { rates($dir) eq 'nan 10' }), 'a first rate');
  return $daemon;
}

for my $case (['an orderly stop', 'TERM'], ['kill -9', 'KILL']) {
  my ($name, $signal) = @$case;
  subtest $name => sub {
    my $dir = workdir();
    my $begin = int(time) - 5;
    my $daemon = run_up($dir, $begin);
    ok(eventually(sub { (slurp("$dir/vitald.state") // '') =~ /derive-d/ }), 'the state is kept while it runs') if $signal eq 'KILL';
    sleep 1.2 if $signal eq 'KILL';  # until the next write at the latest
    $daemon->stop($signal);
    my $start = time;
    $daemon = again($writes, $dir);
    cmp_ok(time - $start, '<', 1, 'the next start takes less than a second');
    is(scalar($daemon->names), 0, 'nobody sees what is only remembered');
    put($daemon, 1050, $begin + 5);
    ok(eventually(sub { rates($dir) eq 'nan 10 10' }), 'the first rate behind it is known') or diag rates($dir);
  };
}

subtest 'a gap that is too long begins anew' => sub {
  my $dir = workdir();
  my $begin = int(time) - 30;
  run_up($dir, $begin)->stop;
  my $daemon = again($writes, $dir);
  put($daemon, 5000, $begin + 13);
  ok(eventually(sub { rates($dir) eq 'nan 10 nan' }), 'there is no rate') or diag rates($dir);
};

subtest 'a reboot begins anew' => sub {
  my $dir = workdir();
  my $begin = int(time) - 5;
  spit("$dir/root/proc/sys/kernel/random/boot_id", "first\n");
  my $root = "RootPath \"$dir/root\"\n$writes";
  my $daemon = start_vitald($root, dir => $dir);
  put($daemon, 1000, $begin);
  ok(eventually(sub { rates($dir) eq 'nan' }), 'a value');
  $daemon->stop;
  spit("$dir/root/proc/sys/kernel/random/boot_id", "second\n");
  $daemon = again($root, $dir);
  put($daemon, 20, $begin + 2);
  put($daemon, 30, $begin + 3);
  ok(eventually(sub { rates($dir) eq 'nan nan 10' }), 'no rate is computed over it') or diag rates($dir);
};

subtest 'a state that is none is left aside' => sub {
  my $dir = workdir();
  my $begin = int(time) - 5;
  run_up($dir, $begin)->stop;
  my $good = slurp("$dir/vitald.state");
  my $later = $good;
  substr($later, 13, 1) = "\x09";
  my %states = (
    'empty' => '', 'cut short' => substr($good, 0, length($good) - 3), 'another program' => "#!/bin/sh\nexit 1\n",
    'of a later version' => $later, 'damaged' => $good =~ s/derive-d/derive-x/r);
  for my $name (sort keys %states) {
    spit("$dir/vitald.state", $states{$name});
    my $daemon = again($writes, $dir);
    my @lines = grep { /left aside/ } split(/\n/, $daemon->log);
    is(scalar(@lines), 1, "$name: one line says so");
    like($daemon->ask_it('LISTVAL'), qr/found/, 'and the daemon runs');
    is($daemon->stop, 0, 'and stops');
  }
};

subtest 'it can be switched off' => sub {
  my $dir = workdir();
  my $daemon = start_vitald("StateFile false\nLoadPlugin load\n", dir => $dir);
  is($daemon->stop, 0, 'it stops');
  is(scalar(grep { /state/ } files_below($dir)), 0, 'and has written no state');
};

done_testing;
