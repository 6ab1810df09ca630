# SPDX-License-Identifier: MIT
package HttpSink;

# A web server that counts what it accepts; see http_sink.py.
#
#     my $sink = HttpSink->new(tls => [$certificate, $key]);
#     $sink->behave("status 503 2\n");
#     my @requests = $sink->requests;    # hashes: path, headers, body, status, time, peer

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use IO::Socket::INET;
use JSON::PP;
use Sink;
use Vital;

my $program = abs_path(dirname(__FILE__)) . '/http_sink.py';

sub new {
  my ($class, %given) = @_;
  my $self = bless {dir => workdir(), port => Sink::free_port('tcp'), tls => [], %given}, $class;
  return $self->{down} ? $self : $self->start;
}

sub start {
  my ($self) = @_;
  $self->{process} = bless {dir => $self->{dir}}, 'Vital';
  $self->{process}->start_process('python3', $program, $self->{port}, $self->{dir}, @{$self->{tls}});
  eventually { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$self->{port}") } 20 or die "the web server does not start:\n" . $self->{process}->log;
  return $self;
}

sub stop { my ($self) = @_; return $self->{process}->stop('KILL') }
sub url { my ($self) = @_; return (@{$self->{tls}} ? 'https' : 'http') . "://127.0.0.1:$self->{port}/post" }
sub behave { my ($self, $text) = @_; spit("$self->{dir}/new", $text); rename "$self->{dir}/new", "$self->{dir}/behaviour" or die $!; return }
sub requests { my ($self) = @_; return map { decode_json($_) } split /\n/, slurp("$self->{dir}/requests") // '' }
sub accepted { my ($self) = @_; return grep { $_->{status} == 200 } $self->requests }

# The values of one series that PUTVAL lines brought, in the order in which they were accepted.
sub values_of {
  my ($self, $series) = @_;
  return map { /^PUTVAL \Q$series\E interval=\S+ [\d.]+:(\S+)$/ ? $1 : () } map { split /\r\n/, $_->{body} } $self->accepted;
}

1;
