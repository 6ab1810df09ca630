# SPDX-License-Identifier: MIT
package Carbon;

# A real Carbon on ports and directories of its own.
#
#     my $carbon = Carbon->new(retention => '1s:1h');
#     $carbon->points('h.p.gauge');    # hash: stamp => value
#     $carbon->dump_all;               # how many points all its files have together
#     $carbon->stop;  $carbon->start;

use strict;
use warnings;
use IO::Socket::INET;
use Sink;
use Vital;

# Carbon's own library is the system's Python's. Prints "NAME STAMP VALUE" for each point of each file, or of one.
my $reader = <<'END';
import glob, os, sys, whisper
for path in sorted(glob.glob(sys.argv[1] + "/**/*.wsp", recursive=True)):
    name = os.path.relpath(path, sys.argv[1])[:-4].replace("/", ".")
    if len(sys.argv) > 2 and name != sys.argv[2]:
        continue
    (begin, end, step), values = whisper.fetch(path, 0)
    for at, value in enumerate(values):
        if value is not None:
            print(name, begin + at * step, value)
END

sub new {
  my ($class, %given) = @_;
  my $self = bless {dir => workdir(), port => Sink::free_port('tcp'), retention => '1s:1h', %given}, $class;
  my ($query, $pickle) = map { Sink::free_port('tcp') } 1 .. 2;
  my $dir = $self->{dir};
  spit("$dir/carbon.conf", <<"END");
[cache]
STORAGE_DIR = $dir/
CONF_DIR = $dir/
LOG_DIR = $dir/
PID_DIR = $dir/
LOCAL_DATA_DIR = $dir/whisper/
MAX_CREATES_PER_MINUTE = inf
MAX_UPDATES_PER_SECOND = inf
LINE_RECEIVER_INTERFACE = 127.0.0.1
LINE_RECEIVER_PORT = $self->{port}
ENABLE_UDP_LISTENER = False
PICKLE_RECEIVER_INTERFACE = 127.0.0.1
PICKLE_RECEIVER_PORT = $pickle
CACHE_QUERY_INTERFACE = 127.0.0.1
CACHE_QUERY_PORT = $query
ENABLE_LOGROTATION = False
ENABLE_TAGS = False
CARBON_METRIC_INTERVAL = 0
END
  spit("$dir/storage-schemas.conf", "[all]\npattern = .*\nretentions = $self->{retention}\n");
  return $self->start;
}

sub start {
  my ($self) = @_;
  unlink glob("$self->{dir}/*.pid");
  $self->{process} = bless {dir => $self->{dir}}, 'Vital';
  $self->{process}->start_process('carbon-cache', "--config=$self->{dir}/carbon.conf", '--nodaemon', 'start');
  eventually { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$self->{port}") } 30 or die "Carbon does not start:\n" . $self->{process}->log;
  return $self;
}

# It ends in order, and writes what it has in memory.
sub stop { my ($self) = @_; return defined $self->{process}->stop('TERM', 20) }

sub dump_of {
  my ($self, @name) = @_;
  my ($status, $out, $err) = run('/usr/bin/python3', '-c', $reader, "$self->{dir}/whisper", @name);
  return split /\n/, $out;
}

sub points {
  my ($self, $name) = @_;
  return {map { /^\S+ (\d+) (\S+)$/ ? ($1 => $2 + 0) : () } $self->dump_of($name)};
}

sub dump_all { my ($self) = @_; return scalar(my @all = $self->dump_of) }

1;
