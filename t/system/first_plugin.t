#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Follows docs/first-plugin.md to the letter, against what `make install` installs: its files are
# written, its commands are run, and they must print what the page says. Then the example plugin in
# contrib/ passes its own test, and a module for another interface is refused.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Cwd qw(getcwd);
use Test::More;
use Vital;

need('make', 'pkg-config', 'c++');

# What a user has: vitald, its plugins and headers, installed somewhere.
my $root = workdir();
my ($status, $out, $err) = run('make', '-s', '-C', $BUILD, 'install', "DESTDIR=$root");
is($status, 0, 'make install') or BAIL_OUT($err);
my ($pc) = grep { m{/vital\.pc$} } map { "$root/$_" } files_below($root);
my ($program) = grep { m{/sbin/vitald$} } map { "$root/$_" } files_below($root);
my ($types) = grep { m{/types\.db$} } map { "$root/$_" } files_below($root);
my ($plugins) = map { s{/load\.so$}{}r } grep { m{/load\.so$} } map { "$root/$_" } files_below($root);
ok(defined && -e, "$_ is installed") for grep { defined } $pc, $program, $types, $plugins;

$ENV{PKG_CONFIG_PATH} = $pc =~ s{/[^/]+$}{}r;
$ENV{PKG_CONFIG_SYSROOT_DIR} = $root;
$ENV{PATH} = $program =~ s{/[^/]+$}{}r . ":$ENV{PATH}";
$ENV{VITALD_PLUGIN_DIR} = $plugins;
$ENV{VITALD_TYPES_DB} = $types;
$ENV{DESTDIR} = $root;

# The page as steps: [file, name, text], [run, commands], [expect, output].
sub steps {
  my ($page) = @_;
  my @steps;
  while ($page =~ /^(?:`([\w.]+)`:\n\n)?```(\w*)\n(.*?)^```$/msg) {
    my ($name, $kind, $text) = ($1, $2, $3);
    push @steps, defined $name ? ['file', $name, $text] : [$kind eq 'text' ? 'expect' : 'run', $text];
  }
  return @steps;
}

sub pattern { return join('.*?', map { quotemeta } split(/…/, $_[0] =~ s/\n\z//r)) }

my $before = getcwd();
chdir(my $dir = workdir()) or die $!;
my $printed = '';
for my $step (steps(slurp("$SOURCE/docs/first-plugin.md"))) {
  my ($kind, @what) = @$step;
  if ($kind eq 'file') {
    spit("$dir/$what[0]", $what[1]);
  } elsif ($kind eq 'run') {
    ($status, $out, $err) = run('sh', '-ec', $what[0]);
    is($status, 0, "run: $what[0]") or diag($err);
    $printed = $out . $err;
  } else {
    my $expected = pattern($what[0]);
    like($printed, qr/$expected/s, 'it prints what the page says');
  }
}
ok(-x "$plugins/fileage.so", 'the plugin is installed');
chdir($before) or die $!;

subtest 'the example plugin passes its own test' => sub {
  my $copy = workdir();
  is(system('cp', '-r', "$SOURCE/contrib/example-plugin/.", $copy), 0, 'a copy outside of the tree');
  delete local $ENV{DESTDIR};
  my ($status, $out, $err) = run('make', '-s', '-C', $copy, 'check', 'CXXFLAGS=-O2 -Wall -Wextra -Wpedantic -Wconversion -Werror');
  is($status, 0, 'make check') or diag($out . $err);
  is(scalar(() = $out =~ /^ok /mg), 7, 'all its tests ran');
};

subtest 'a module for another interface is refused' => sub {
  my $module = slurp("$dir/fileage.so") =~ s/vital_register_abi_\K\d+/9/gr;
  spit("$dir/other/fileage.so", $module);
  spit("$dir/other.conf", slurp("$dir/try.conf") =~ s/PluginDir "."/PluginDir "$dir\/other"/r);
  unlink("$plugins/fileage.so");
  my ($status, $out, $err) = run('vitald', '-t', '-C', "$dir/other.conf");
  is($status, 1, 'the rest would start');
  like($err, qr/other\.conf:11:12: error: .*was built for plugin interface 9, this vitald has \d+; build it again/,
    'with file, line, both numbers, and what to do');
};

done_testing;
