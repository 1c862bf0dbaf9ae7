namespace PushFanout.Testing;

/// <summary>Configuration files of <see cref="Http2Server"/>.</summary>
internal static class Http2ServerConfiguration
{
    public static string Nginx(Http2ServerOptions options, int port, LoopbackCertificate certificate, string folder, string logFile) => $$"""
        daemon off;
        master_process off;
        worker_processes 1;
        pid {{folder}}/nginx.pid;
        error_log {{folder}}/error.log;
        events { worker_connections 256; }
        http {
          log_format path $uri;
          access_log {{(options.KeepsLog ? $"{logFile} path" : "off")}};
          keepalive_requests {{options.RequestsPerConnection}};
          http2_max_concurrent_streams 1000;
          client_body_temp_path {{folder}}/body;
          proxy_temp_path {{folder}}/proxy;
          fastcgi_temp_path {{folder}}/fastcgi;
          uwsgi_temp_path {{folder}}/uwsgi;
          scgi_temp_path {{folder}}/scgi;
          server {
            listen 127.0.0.1:{{port}} ssl http2;
            ssl_certificate {{certificate.File}};
            ssl_certificate_key {{certificate.KeyFile}};
            ssl_protocols TLSv1.2 TLSv1.3;
            location / { return 200; }
            {{string.Join('\n', options.Answers.Select(answer => $"location {answer.PathPrefix} {{ return {answer.Status} '{answer.Body}'; }}"))}}
          }
        }
        """;

    public static string H2o(Http2ServerOptions options, int port, LoopbackCertificate certificate, string folder, string logFile) => $$"""
        num-threads: 1
        user: {{Environment.UserName}}
        error-log: {{folder}}/error.log
        {{(options.KeepsLog ? $"access-log: {{ path: {logFile}, format: \"%U\" }}" : "")}}
        listen:
          host: 127.0.0.1
          port: {{port}}
          ssl:
            certificate-file: {{certificate.File}}
            key-file: {{certificate.KeyFile}}
            ocsp-update-interval: 0
        hosts:
          default:
            paths:
              /:
                mruby.handler: |
                  Proc.new {|env| {{string.Concat(options.Answers.Select(answer =>
                      $"env['PATH_INFO'].start_with?('{answer.PathPrefix}') ? [{answer.Status}, {{}}, ['{answer.Body}']] : "))}}[200, {}, []]}
        """;
}
