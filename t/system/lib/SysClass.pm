# SPDX-License-Identifier: MIT
package SysClass;

# A tree of the test's own that lies over /sys/class, in a mount namespace that ends with the test;
# and collectd and vitald beside each other, which read it.
#
#     SysClass::enter('thermal');    # starts the program again inside; skips it where that cannot be
#     SysClass::cover($directory);
#     my ($values, $log) = SysClass::compare('as it comes', 'thermal', $options);

use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep);
use Vital;

sub enter {
  my ($plugin) = @_;
  plan skip_all => "the plugin $plugin is not built" if !-e "$BUILD/plugins/$plugin.so";
  need('collectd', 'unshare', 'mount');
  return if $ENV{SYSCLASS_INSIDE};
  my @unshare = ('unshare', '--mount', $> == 0 ? () : '--map-root-user');
  plan skip_all => 'no mount namespaces for us' if system("@unshare true 2>/dev/null") != 0;
  $ENV{SYSCLASS_INSIDE} = 1;
  exec @unshare, $^X, $0, @ARGV or die "unshare: $!";
}

sub cover {
  my ($directory) = @_;
  system('mount', '--bind', $directory, '/sys/class') == 0 or die "mount failed\n";
}

sub plugin {
  my ($name, $options) = @_;
  return "LoadPlugin $name\n<Plugin $name>\n$options</Plugin>\n";
}

# name => value of everything that the plugin gave
sub values_of {
  my ($daemon, $plugin) = @_;
  my %values;
  for my $name (grep { m{^localhost/\Q$plugin\E} } $daemon->names) {
    my $quoted = $name =~ s/(["\\])/\\$1/gr;
    my ($head, $line) = $daemon->ask_it(qq{GETVAL "$quoted"});
    $values{$name} = ($line // '') =~ /^value=(\S+)/ ? $1 + 0 : $head;
  }
  return \%values;
}

# The same, when it has given values for a tick or more.
sub settled {
  my ($daemon, $plugin) = @_;
  eventually { scalar(grep { m{^localhost/\Q$plugin\E} } $daemon->names) } 5;
  sleep 1.2;
  return values_of($daemon, $plugin);
}

# Tests that both daemons give the same names and, but for that of `except`, the same values.
# Returns vitald's, and its log.
sub compare {
  my ($what, $plugin, $options, $except) = @_;
  my $collectd = start_collectd(plugin($plugin, $options));
  my $vitald = start_vitald(plugin($plugin, $options));
  my ($theirs, $ours) = map { settled($_, $plugin) } $collectd, $vitald;
  is($vitald->stop, 0, "$what: vitald ends well");
  $collectd->stop;
  is_deeply([sort keys %$ours], [sort keys %$theirs], "$what: the same names");
  $theirs->{$except} = $ours->{$except} if defined $except;
  is_deeply($ours, $theirs, "$what: the same values");
  return ($ours, $vitald->log);
}

1;
