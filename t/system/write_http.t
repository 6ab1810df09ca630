#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Values and notifications for web servers: the bodies that collectd posts, TLS, and servers that are
# away, busy, slow, or refuse a part.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use HttpSink;
use JSON::PP;
use MIME::Base64 ();
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

need('collectd', 'python3', 'openssl');

sub node {
  my ($url, $options, $name) = @_;
  $name //= 'it';
  return qq{<Node "$name">\nURL "$url"\n$options</Node>\n};
}
sub plugin { return "LoadPlugin write_http\n<Plugin write_http>\n@_</Plugin>\n" }
sub quick { return "RetryInterval 0.1\nMaxRetryInterval 0.2\n" }

sub writer { my ($daemon) = @_; return $daemon->status_of('writer', 'write_http/it') // {} }

sub conserved {
  my ($daemon, $what) = @_;
  my $now = writer($daemon);
  is($now->{submitted}, $now->{delivered} + $now->{queued} + $now->{dropped}, "$what: submitted = delivered + queued + dropped");
  return $now;
}

sub put {
  my ($daemon, $first, $last) = @_;
  my @commands = map { "PUTVAL h/p/gauge interval=1 " . (1_700_000_000 + $_) . ":$_" } $first .. $last;
  return @commands == grep { /^0 Success/ } $daemon->ask_it(@commands);
}

# All bodies that came to a path as one list of their values.
sub pieces {
  my ($sink, $path) = @_;
  my @bodies = map { $_->{body} } grep { $_->{path} eq $path && $_->{body} !~ /alertname/ } $sink->accepted;
  return map { /^\[/ ? @{JSON::PP->new->decode($_)} : split /\r\n/ } @bodies;
}

# Text that is the same for the same value, whatever the order of members.
sub canonical { return sort map { ref ? JSON::PP->new->canonical->encode($_) : $_ } @_ }

subtest 'the same bodies as collectd' => sub {
  my %forms = (
    command => '',
    command_rates => "Format Command\nStoreRates true\n",
    json => "Format JSON\n",
    json_rates => "Format JSON\nStoreRates true\n",
    kairosdb => qq{Format KAIROSDB\nAttribute "rack" "b7"\nAttribute "room" "east"\nTTL 300\nPrefix "pre"\n},
  );
  my ($theirs, $ours) = map { HttpSink->new } 1 .. 2;
  my $nodes = sub {
    my ($sink) = @_;
    my $base = $sink->url =~ s/post$//r;
    return map { node("$base$_", $forms{$_} . "Header \"X-Form: $_\"\nNotifications " . ($_ eq 'json' ? "true\n" : "false\n"), $_) } sort keys %forms;
  };
  my @steps = ([
    '"web.example.com/p-a b/gauge-x y.Z" interval=10 1700000000.5:1.5',
    'web.example.com/cpu-0/cpu-idle interval=10 1700000000.6:7',
    'web.example.com/df/df-root interval=10 1700000000:1:2',
    'web.example.com/if/if_octets-e0 interval=10 1700000000:100:200',
    'web.example.com/same-x/gauge-x interval=60 1700000000:-3.25',
    'web.example.com/same/counter interval=10 1700000000:18446744073709551615',
  ], [
    'web.example.com/cpu-0/cpu-idle interval=10 1700000010.6:107',
    'web.example.com/if/if_octets-e0 interval=10 1700000010:300:500',
    'web.example.com/same/gauge interval=10 1700000010:1e300',
  ]);
  my @alerts = map { "PUTNOTIF $_" } (
    'message="a \"quoted\" word" severity=warning time=1700000000 host=h plugin=p plugin_instance=pi type=gauge type_instance=ti',
    'message="eq" severity=failure time=1700000000.25 host=h plugin=gauge type=gauge type_instance=x',
    'message="m" severity=okay time=1700000001 host=h plugin=p type=gauge s:a="b" s:DataSource="value"',
    'message="none" severity=okay time=1700000002',
  );
  for my $side ([$theirs, start_collectd(plugin($nodes->($theirs)))], [$ours, start_vitald(plugin($nodes->($ours)))]) {
    my ($sink, $daemon) = @$side;
    my $count = 0;
    for my $step (@steps) {
      is(scalar(grep { /^0 Success/ } $daemon->ask_it(map { "PUTVAL $_" } @$step)), scalar @$step, 'values are put');
      $count += @$step;
      ok(eventually(sub { $daemon->ask_it('FLUSH'); !grep { pieces($sink, "/$_") < $count } keys %forms }), 'and sent');
    }
    for my $alert (@alerts) {
      my $before = grep { $_->{body} =~ /alertname/ } $sink->accepted;
      is($daemon->ask_it($alert), '0 Success', 'a notification');
      ok(eventually(sub { grep({ $_->{body} =~ /alertname/ } $sink->accepted) > $before }), 'is sent');
    }
    ok(defined $daemon->stop, 'it ends');
  }
  for my $form (sort keys %forms) {
    is_deeply([canonical(pieces($ours, "/$form"))], [canonical(pieces($theirs, "/$form"))], $form);
    my ($mine, $his) = map { (grep { $_->{path} eq "/$form" && $_->{body} !~ /alertname/ } $_->accepted)[0]{headers} } $ours, $theirs;
    is($mine->{$_}, $his->{$_}, "$form: the same $_") for 'Content-Type', 'Accept', 'X-Form';
  }
  my ($mine, $his) = map { [map { $_->{body} } grep { $_->{body} =~ /alertname/ } $_->accepted] } $ours, $theirs;
  is_deeply($mine, $his, 'the same notifications, byte for byte');
  # Byte for byte as well, where a body has one value.
  my %whole = map { $_->{body} => 1 } $theirs->accepted;
  my $first = (grep { $_->{path} eq '/kairosdb' } $ours->accepted)[0]{body};
  like($first, qr/^\[\{"name":"pre\.p", "datapoints": \[\[1700000000500,1\.5\]\], "ttl": 300, "tags":\{"host": "web\.example\.com", "rack": "b7", "room": "east","plugin_instance": "ab","type": "gauge","type_instance": "xy\.z"\}\}/, 'KairosDB in its form');
  ok((grep { index($_, substr($first, 0, index($first, '}}') + 2)) == 0 } keys %whole), 'which is collectd\'s');
};

subtest 'a server that is away, busy, and back' => sub {
  my $sink = HttpSink->new(down => 1);
  my $vitald = start_vitald(plugin(node($sink->url, quick() . "Journal true\nLogHttpError true\n")));
  ok(put($vitald, 1, 50), 'values are put while nobody answers');
  ok(eventually(sub { (writer($vitald)->{state} // '') eq 'away' }), 'the status says so');
  is(conserved($vitald, 'meanwhile')->{queued}, 50, 'they wait');
  $sink->behave("status 503 2\n");
  $sink->start;
  ok(eventually(sub { $sink->requests >= 1 }), 'somebody answers, but is busy');
  my ($busy) = $sink->requests;
  ok(put($vitald, 51, 100), 'more are put');
  ok(eventually(sub { writer($vitald)->{breaker} eq 'open' && writer($vitald)->{next_probe} > 0.3 }), 'the status says when it is tried again');
  like(writer($vitald)->{error}, qr/503/, 'and why');
  ok(eventually(sub { $sink->requests >= 2 }), 'it is tried again');
  cmp_ok(($sink->requests)[1]{time} - $busy->{time}, '>=', 1.95, 'not before the time that Retry-After names');
  $sink->behave('');
  ok(eventually(sub { writer($vitald)->{delivered} == 100 }, 15), 'all are delivered');
  is(conserved($vitald, 'then')->{dropped}, 0, 'none was dropped');
  is_deeply([$sink->values_of('h/p/gauge')], [1 .. 100], 'in order, each once') or diag(explain([$sink->values_of('h/p/gauge')]));
  is($vitald->stop, 0, 'vitald ends well');
  like($vitald->log, qr/HTTP status 503 from \S+: the reason is here/, 'LogHttpError shows the answer');
};

subtest 'what is not the fault of the values is tried again' => sub {
  my $sink = HttpSink->new;
  my $vitald = start_vitald(plugin(node($sink->url, quick())));
  my $value = 0;
  for my $status (401, 403, 404, 408, 429, 500, 302) {
    my $before = $sink->requests;
    $sink->behave("status $status\n");
    ++$value;
    ok(put($vitald, $value, $value) && eventually(sub { $sink->requests > $before }), "status $status");
    $sink->behave('');
    ok(eventually(sub { (writer($vitald)->{delivered} // 0) == $value }), 'is delivered later');
  }
  is(conserved($vitald, 'then')->{dropped}, 0, 'none was dropped');
  is($vitald->stop, 0, 'vitald ends well');
};

subtest 'what a server refuses is found, and the rest delivered' => sub {
  my $sink = HttpSink->new;
  $sink->behave("poison :13\n");
  my $vitald = start_vitald(plugin(node($sink->url, quick())));
  ok(put($vitald, 100, 199) && put($vitald, 1000, 1099), 'values are put');
  ok(put($vitald, 1100, 1399), 'some of which the server will never take');
  my $bad = grep { /^13/ } 100 .. 199, 1000 .. 1399;
  ok(eventually(sub { (writer($vitald)->{queued} // 1) == 0 && writer($vitald)->{submitted} == 500 }, 20), 'all is done with');
  my $now = conserved($vitald, 'then');
  is($now->{dropped_refused}, $bad, 'what was refused is counted');
  is($now->{delivered}, 500 - $bad, 'and the rest delivered');
  is_deeply([sort { $a <=> $b } $sink->values_of('h/p/gauge')], [grep { !/^13/ } 100 .. 199, 1000 .. 1399], 'the server has it, each once');
  like($vitald->log, qr/is refused for good and left out/, 'the log names one');
  is($vitald->stop, 0, 'vitald ends well');
};

subtest 'a large batch in small requests, and a slow server' => sub {
  my $sink = HttpSink->new;
  my $vitald = start_vitald(plugin(node($sink->url, "BufferSize 1024\n")));
  my $commands = join "\n", map { sprintf 'PUTVAL h/p/gauge-%04d interval=1 N:%d', $_, $_ } 1 .. 300;
  $vitald->ask_it(split /\n/, $commands);
  ok(eventually(sub { (writer($vitald)->{delivered} // 0) == 300 }), 'values arrive');
  cmp_ok((sort { $b <=> $a } map { length $_->{body} } $sink->requests)[0], '<=', 1024, 'in requests of at most BufferSize');
  my %peers = map { $_->{peer} => 1 } $sink->requests;
  is(scalar keys %peers, 1, 'on one connection');
  is($vitald->stop, 0, 'vitald ends well');

  $sink->behave("stall 30\n");
  my $slow = start_vitald("LoadPlugin uptime\n" . plugin(node($sink->url, quick() . "Timeout 300\n")));
  ok(put($slow, 1, 5), 'values are put for a server that is slow');
  ok(eventually(sub { (writer($slow)->{error} // '') =~ /timed out/i }), 'Timeout ends the wait');
  is(conserved($slow, 'then')->{dropped}, 0, 'nothing is dropped');
  is($slow->stop, 0, 'vitald ends well');
  my $waiting = start_vitald("LoadPlugin uptime\n" . plugin(node($sink->url, '')));
  ok(put($waiting, 1, 5), 'and once more without a Timeout');
  sleep 1;
  is($waiting->status_of('reader', 'uptime')->{missed}, 0, 'no reader missed a tick');
  my $begin = time;
  is($waiting->stop, 0, 'vitald ends well');
  cmp_ok(time - $begin, '<', 5, 'within 5 s');
  unlike($waiting->log, qr/hangs/, 'and nothing hangs');
};

subtest 'failover and fail-back' => sub {
  my ($first, $second) = map { HttpSink->new } 1 .. 2;
  my $vitald = start_vitald(plugin(node($first->url, "Failover \"" . $second->url . "\"\nFailbackInterval 1\n" . quick())));
  ok(put($vitald, 1, 10) && eventually(sub { $first->values_of('h/p/gauge') == 10 }), 'the first server gets values');
  $first->stop;
  ok(put($vitald, 11, 20) && eventually(sub { $second->values_of('h/p/gauge') == 10 }), 'it is gone: the second gets them');
  $first->start;
  my $value = 20;
  ok(eventually(sub { ++$value; put($vitald, $value, $value); sleep 0.4; $first->values_of('h/p/gauge') > 10 }, 20), 'it is back');
  ok(eventually(sub { writer($vitald)->{queued} == 0 }), 'all is sent');
  is_deeply([sort { $a <=> $b } map { $_->values_of('h/p/gauge') } $first, $second], [1 .. $value], 'to one of them, each once');
  like($vitald->log, qr/sends to \Q@{[$second->url]}\E now/, 'the log says so');
  is($vitald->stop, 0, 'vitald ends well');
};

subtest 'TLS, and secrets that do not stand in the configuration' => sub {
  my $dir = workdir();
  my $certificate = sub {
    my ($name, $subject) = @_;
    my ($status, undef, $err) = run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', "/CN=$subject",
      '-addext', "subjectAltName=$subject", '-keyout', "$dir/$name.key", '-out', "$dir/$name.pem");
    is($status, 0, "a certificate: $name") or diag($err);
  };
  $certificate->('server', 'IP:127.0.0.1');
  $certificate->('other', 'DNS:other.example.com');
  $certificate->('client', 'DNS:client.example.com');
  my $delivers = sub {
    my ($what, $sink, $options, $error) = @_;
    my $vitald = start_vitald(plugin(node($sink->url, quick() . $options)), env => {TEST_PASSWORD => 'from the environment'});
    ok(put($vitald, 1, 3), "$what: values are put");
    if ($error) {
      ok(eventually(sub { (writer($vitald)->{error} // '') =~ $error }), 'and not sent, for a reason') or diag(writer($vitald)->{error});
      is(scalar $sink->accepted, 0, 'nothing was sent');
    } else {
      ok(eventually(sub { $sink->values_of('h/p/gauge') >= 3 }), 'and sent') or diag(writer($vitald)->{error});
    }
    $vitald->stop('KILL');
  };
  my $server = [map {"$dir/server.$_"} 'pem', 'key'];
  $delivers->('a certificate that nobody trusts', HttpSink->new(tls => $server), '', qr/certificate/i);
  $delivers->('a certificate that is trusted', HttpSink->new(tls => $server), "CACert \"$dir/server.pem\"\n");
  $delivers->('no check', HttpSink->new(tls => $server), "VerifyPeer false\nVerifyHost false\n");
  $delivers->('the certificate of another', HttpSink->new(tls => [map {"$dir/other.$_"} 'pem', 'key']), "CACert \"$dir/other.pem\"\n", qr/alternative|subject|match/i);
  my $strict = [@$server, "$dir/client.pem"];
  $delivers->('a server that wants to know us', HttpSink->new(tls => $strict), "CACert \"$dir/server.pem\"\n", qr/./);
  $delivers->('and does', HttpSink->new(tls => $strict), "CACert \"$dir/server.pem\"\nClientCert \"$dir/client.pem\"\nClientKey \"$dir/client.key\"\nSSLVersion TLSv1_2\n");

  spit("$dir/password", "from a file\n");
  spit("$dir/headers", "Authorization: Bearer 123\n");
  for my $case (
    ["User u\nPassword plain\n", 'u:plain'], ["User u\nPasswordFile \"$dir/password\"\n", 'u:from a file'],
    ["User u\nPasswordEnvironment TEST_PASSWORD\n", 'u:from the environment'], ["HeaderFile \"$dir/headers\"\n", undef])
  {
    my $sink = HttpSink->new;
    $sink->behave("status 401\n") if defined $case->[1];
    my $vitald = start_vitald(plugin(node($sink->url, quick() . $case->[0])), env => {TEST_PASSWORD => 'from the environment'});
    ok(put($vitald, 1, 3), 'values are put');
    my $seen = sub { grep { $_ } map { $_->{headers}{Authorization} } $sink->requests };
    ok(eventually(sub { $seen->() }), 'the secret is used');
    my ($text) = $seen->();
    is($text, defined $case->[1] ? 'Basic ' . MIME::Base64::encode_base64($case->[1], '') : 'Bearer 123', 'as it should be');
    $vitald->stop('KILL');
  }
};

subtest 'statistics, and the form of old' => sub {
  my $sink = HttpSink->new;
  my $url = $sink->url;
  my $vitald = start_vitald("LoadPlugin uptime\n" . plugin(qq{<URL "$url">\nFormat JSON\n<Statistics "x">\nTotalTime true\nSizeUpload true\nNumConnects true\n</Statistics>\n</URL>\n}));
  my @wanted = qw(duration-total_time bytes-size_upload count-num_connects);
  ok(eventually(sub { 3 == grep { my $name = $_; grep { $name =~ m{/write_http-.*/\Q$_\E$} } @wanted } $vitald->names }), 'what requests cost is reported');
  sleep 2.5;
  my $count = $sink->requests;
  cmp_ok($count, '<=', 10, "and causes no further requests ($count in all)");
  is($vitald->stop, 0, 'vitald ends well');
};

subtest 'mistakes in the configuration' => sub {
  my $dir = workdir();
  my $config = spit("$dir/vitald.conf", "PluginDir \"$BUILD/plugins\"\nTypesDB \"$SOURCE/etc/types.db\"\n"
    . plugin("<Node a>\nFormat JSON\n</Node>\n", node('ftp://x', ''), node('http://x', "TTL 3\n"), node('http://x', "BufferSize 3\n")));
  my ($status, $out, $err) = run($VITALD, '-t', '-C', $config);
  is($status, 1, 'are found');
  like("$out$err", qr/$_/, "one of them: $_") for 'needs a URL', 'begins with http://', 'TTL is for Format KAIROSDB alone', 'BufferSize';
  my $daemon = start_vitald(plugin(node('http://127.0.0.1:1/', "SSLVersion SSLv3\n"), node('http://127.0.0.1:1/', "PasswordFile \"$dir/none\"\nUser u\n")));
  like($daemon->log, qr/no library speaks SSLv3 any more/, 'one that the daemon finds');
  is($daemon->stop, 0, 'vitald ends well');
};

done_testing;
