#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Nagios 4, really running, on the commands and templates of contrib/nagios: its states follow the values
# that vitald holds and its thresholds, asked for by vital-nagios, and the notifications that notify_nagios
# hands over.
use strict;
use warnings;
use Fcntl;
use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX ();
use Test::More;
use Time::HiRes qw(time);
use Vital;

need('nagios4');

my $dir = workdir();
chmod 0755, $dir;
$ENV{PATH} = "$BUILD/src:$ENV{PATH}";
my $vitald = start_vitald("LoadPlugin notify_nagios\n<Plugin notify_nagios>\n  CommandFile \"$dir/nagios.cmd\"\n"
    . "  RetryInterval 0.1\n  MaxRetryInterval 0.5\n</Plugin>\nCollectInternalStats false\nTimeout 1000\n"
    . "LoadPlugin threshold\n<Plugin threshold>\n  <Plugin temp>\n    <Type temperature>\n      WarningMax 60\n      FailureMax 80\n"
    . "    </Type>\n  </Plugin>\n</Plugin>\n");

# Nagios, with times in seconds, as the user who runs the test.
my $user = getpwuid($>);
my $group = getgrgid($) + 0);
my $service = sub {
  my ($name, $template, $command, $host) = @_;
  $host //= 'web1';
  return "define service {\n  use $template\n  host_name $host\n  service_description $name\n"
    . ($command ? "  check_command $command\n  max_check_attempts 1\n" : '') . "}\n";
};
spit("$dir/objects.cfg", "define command {\n  command_name nobody\n  command_line /bin/true\n}\n"
    . "define contact {\n  contact_name nobody\n  host_notification_commands nobody\n  service_notification_commands nobody\n"
    . "  host_notification_period vitald-always\n  service_notification_period vitald-always\n}\n"
    . join('', map { "define host {\n  use vitald-host\n  host_name $_->[0]\n$_->[1]  address 127.0.0.1\n  max_check_attempts 1\n"
        . "  _VITALD_SOCKET " . $vitald->socket . "\n  _VITALD_FRESHNESS 4\n}\n" } ['web1', ''], ['web2', "  check_command vitald_host_alerts\n"])
    . $service->('temperatures', 'vitald-service', 'vitald_alerts!temp', 'web2')
    . $service->('one temperature', 'vitald-service', 'vitald_alerts!temp-b/temperature', 'web2')
    . $service->('thresholds', 'vitald-service', 'vitald_host_alerts', 'web2')
    . $service->('load', 'vitald-service', 'vitald_value!load/load!-d shortterm -w 1 -c 2')
    . $service->('disk', 'vitald-service', 'vitald_value!df-root/df!-g percentage -w 80 -c 90')
    . $service->('df-root/df_complex-free', 'vitald-passive'));
spit("$dir/resource.cfg", '');
spit("$dir/nagios.cfg", <<"END");
log_file=$dir/nagios.log
cfg_file=$SOURCE/contrib/nagios/vitald.cfg
cfg_file=$dir/objects.cfg
resource_file=$dir/resource.cfg
object_cache_file=$dir/objects.cache
precached_object_file=$dir/objects.precache
status_file=$dir/status.dat
status_update_interval=1
nagios_user=$user
nagios_group=$group
check_external_commands=1
command_file=$dir/nagios.cmd
lock_file=$dir/nagios.pid
temp_file=$dir/nagios.tmp
temp_path=$dir
query_socket=$dir/nagios.qh
check_result_path=$dir
state_retention_file=$dir/retention.dat
check_result_reaper_frequency=1
interval_length=1
max_service_check_spread=1
max_host_check_spread=1
service_inter_check_delay_method=n
host_inter_check_delay_method=n
cached_host_check_horizon=0
cached_service_check_horizon=0
enable_notifications=0
enable_flap_detection=0
check_for_updates=0
use_syslog=0
log_passive_checks=1
END

my ($status, $out) = run('nagios4', '-v', "$dir/nagios.cfg");
is($status, 0, 'Nagios takes the configuration') or die $out;
like($out, qr/Total Errors:\s+0/, 'without an error');

# The state of a service, or of a host, as Nagios has it: a number, and what the check said.
sub state_of {
  my ($name) = @_;
  my $text = slurp("$dir/status.dat") // '';
  for my $block ($text =~ /^(\w+ \{.*?^\s*\})/msg) {
    my ($kind) = $block =~ /^(\w+)/;
    my ($described) = $block =~ ($name =~ /^web\d$/ ? qr/^\s*host_name=(.*)$/m : qr/^\s*service_description=(.*)$/m);
    next if $kind ne ($name =~ /^web\d$/ ? 'hoststatus' : 'servicestatus') || $described ne $name;
    my ($state) = $block =~ /^\s*current_state=(\d)/m;
    my ($checked) = $block =~ /^\s*has_been_checked=(\d)/m;
    my ($said) = $block =~ /^\s*plugin_output=(.*)$/m;
    return $checked ? "$state $said" : 'pending';
  }
  return 'none';
}

# Values are put again and again, as a reader does it, until the state is there.
sub becomes {
  my ($name, $expected, $what, @values) = @_;
  my $last = '';
  ok(eventually(sub {
    $vitald->ask_it('PUTVAL ' . (m{^\.\./(.*)} ? $1 : "web1/$_")) for @values, 'uptime/uptime N:1';
    $last = state_of($name);
    return $last =~ $expected;
  }, 40), $what) or die "it is: $last\n" . (slurp("$dir/nagios.log") // '');
}

my $nagios = fork // die "fork: $!";
if ($nagios == 0) {
  POSIX::setsid();
  open(STDIN, '<', '/dev/null');
  open(STDOUT, '>', "$dir/nagios.out");
  open(STDERR, '>&', \*STDOUT);
  exec('nagios4', "$dir/nagios.cfg") or POSIX::_exit(127);
}
END {
  my $status = $?;
  if ($nagios) {
    kill('TERM', $nagios);
    my $ended = eventually { waitpid($nagios, POSIX::WNOHANG()) == $nagios } 10;
    if (!$ended) {
      kill('KILL', -$nagios);  # its workers as well
      waitpid($nagios, 0);
    }
  }
  $? = $status;
}
ok(eventually(sub { -p "$dir/nagios.cmd" }, 20), 'Nagios runs') or die slurp("$dir/nagios.out");

becomes('load', qr/^0 OKAY: 0 critical, 0 warning, 1 okay/, 'active: OK', 'load/load N:0.5:1:1', 'df-root/df N:10:90');
becomes('web1', qr/^0 OKAY/, 'the host is up');
becomes('disk', qr/^0 OKAY: 10\.0+ percent/, 'a percentage, OK', 'df-root/df N:10:90');
becomes('load', qr/^1 WARNING: 0 critical, 1 warning/, 'active: WARNING', 'load/load N:1.5:1:1');
becomes('load', qr/^2 CRITICAL: 1 critical/, 'active: CRITICAL', 'load/load N:2.5:1:1', 'df-root/df N:95:5');
becomes('disk', qr/^2 CRITICAL: 95/, 'a percentage, CRITICAL', 'df-root/df N:95:5');
becomes('load', qr/^3 UNKNOWN: web1\/load\/load is \d+ seconds old/, 'active: UNKNOWN, for nothing came for a while');
becomes('load', qr/^0 OKAY/, 'and OK again', 'load/load N:0:0:0');

# What the thresholds say.
becomes('temperatures', qr{^3 UNKNOWN: web2/temp has no value$}, 'thresholds: UNKNOWN before there is anything to judge');
my @cool = ('../web2/temp-a/temperature N:50', '../web2/temp-b/temperature N:50');
becomes('temperatures', qr/^0 OKAY: no alerts$/, 'thresholds: OK', @cool);
becomes('web2', qr/^0 OKAY: no alerts$/, 'the host is up', @cool);
my $measured = 'web2/temp-a/temperature: Data source "value" is currently';
my @warm = ('../web2/temp-a/temperature N:70', $cool[1]);
becomes('temperatures', qr{^1 WARNING: 0 failures, 1 warning: $measured 70\.}, 'thresholds: WARNING', @warm);
becomes('web2', qr/^0 WARNING: /, 'the host is up with a warning', @warm);
my @hot = ('../web2/temp-a/temperature N:90', $cool[1]);
becomes('temperatures', qr{^2 CRITICAL: 1 failure, 0 warnings: $measured 90\.}, 'thresholds: CRITICAL', @hot);
becomes('thresholds', qr{^2 CRITICAL: 1 failure, 0 warnings: $measured 90\.}, 'those of the host as well', @hot);
becomes('web2', qr/^1 CRITICAL: /, 'the host is down with a failure', @hot);
becomes('one temperature', qr/^0 OKAY: no alerts$/, 'what is not concerned is fine', @hot);
becomes('temperatures', qr/^0 OKAY: no alerts$/, 'thresholds: OK again', @cool);
becomes('temperatures', qr{^3 UNKNOWN: web2/temp has no value that is fresh$}, 'thresholds: UNKNOWN, for nothing came for a while');
becomes('web2', qr{^1 UNKNOWN: web2 has no value that is fresh$}, 'the host is down');
becomes('web2', qr/^0 OKAY: no alerts$/, 'and up again', @cool);

my $passive = 'df-root/df_complex-free';
my $delivered = $vitald->status_of('notifier', 'notify_nagios')->{delivered};
is(state_of($passive), 'pending', 'the passive service waits');
for my $case (['warning', 1], ['failure', 2], ['okay', 0]) {
  my ($severity, $state) = @$case;
  is(scalar $vitald->ask_it("PUTNOTIF severity=$severity time=" . int(time)
        . " host=web1 plugin=df plugin_instance=root type=df_complex type_instance=free message=\"it is $severity\""), '0 Success', $severity);
  becomes($passive, qr/^$state it is $severity$/, "passive: $severity is $state");
}
is($vitald->status_of('notifier', 'notify_nagios')->{delivered}, $delivered + 3, 'vitald has counted them');

# Nagios away: what is raised meanwhile is told when it is back.
kill('TERM', $nagios);
ok(eventually(sub { waitpid($nagios, POSIX::WNOHANG()) == $nagios }, 20), 'Nagios stops');
$nagios = 0;
is(scalar $vitald->ask_it('PUTNOTIF severity=failure time=' . int(time)
      . ' host=web1 plugin=df plugin_instance=root type=df_complex type_instance=free message="meanwhile"'), '0 Success', 'raised meanwhile');
ok(eventually(sub { $vitald->status_of('notifier', 'notify_nagios')->{queued} == 1 }), 'it waits');
POSIX::mkfifo("$dir/nagios.cmd", 0600) or $!{EEXIST} or die "mkfifo: $!";
sysopen(my $reader, "$dir/nagios.cmd", O_RDONLY | O_NONBLOCK) or die "nagios.cmd: $!";
my $line = '';
ok(eventually(sub { sysread($reader, $line, 1000, length $line); $line =~ /\n/ }), 'a reader comes');
like($line, qr{^\[\d+\] PROCESS_SERVICE_CHECK_RESULT;web1;df-root/df_complex-free;2;meanwhile\n$}, 'and is told');

# When the daemon is away the check says so and does not hang.
is($vitald->stop, 0, 'vitald stops');
my ($code, $said) = run('vital-nagios', '-s', $vitald->socket, '-H', 'web1', '-n', 'load/load', '--timeout', '5');
is($code, 3, 'without vitald: UNKNOWN');
like($said, qr/^UNKNOWN: Connecting to the daemon failed: /, 'with the reason');

done_testing;
