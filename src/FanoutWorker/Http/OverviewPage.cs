using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace PushFanout.Worker.Http;

/// <summary>
/// The page <c>/</c>: what this is, and the latest notifications, or with <c>/#ID</c> that one. Its script asks the API for them, with the key when one is needed.
/// The page itself holds no data, loads nothing from elsewhere, and everything it shows is set as text.
/// </summary>
internal static class OverviewPage
{
    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #222; }
        table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ddd; }
        td.number { text-align: right; font-variant-numeric: tabular-nums; } progress { width: 8rem; } #problem { color: #a00; }
        @media (prefers-color-scheme: dark) { body { background: #181818; color: #ddd; } a { color: #8bf; } #problem { color: #f88; } }
        """;

    private const string Script = """
        const rows = document.getElementById('rows'), problem = document.getElementById('problem'), key = document.getElementById('key'), all = document.getElementById('all');
        const wanted = () => /^#[0-9a-f-]{36}$/i.test(location.hash) ? location.hash.slice(1) : '';
        const linkTo = id => { const link = document.createElement('a'); link.href = '#' + id; link.textContent = id; return link; };
        const cell = (row, content, className) => { const td = row.insertCell(); if (className) td.className = className; td.append(content); };
        const show = notification => {
          const row = rows.insertRow(), o = notification.outcomes, settled = notification.audience - o.pending - o.held;
          cell(row, linkTo(notification.notificationId)); cell(row, notification.app); cell(row, notification.state);
          const bar = document.createElement('progress'); bar.max = Math.max(1, notification.audience); bar.value = settled;
          bar.title = `${settled} of ${notification.audience}`; cell(row, bar);
          for (const count of [notification.audience, o.accepted, o.unregistered, o.rejected]) cell(row, String(count), 'number');
          cell(row, new Date(notification.requestedAt).toLocaleString());
        };
        const refresh = async () => {
          const id = wanted();
          try {
            const response = await fetch('/api/notifications' + (id ? '/' + id : '?limit=50'), { headers: key.value ? { 'X-Api-Key': key.value } : {} });
            key.parentElement.hidden = response.ok && !key.value;
            all.hidden = !id;
            problem.textContent = response.ok ? '' : response.status === 401 ? 'The API key is needed.'
              : id && response.status === 404 ? 'No such notification: never seen, refused, or forgotten.' : `The API answers ${response.status}.`;
            const found = response.ok ? await response.json() : null;
            rows.replaceChildren();
            if (found) (id ? [found] : found.notifications).forEach(show);
          } catch { problem.textContent = 'The worker does not answer.'; }
        };
        key.addEventListener('change', refresh); addEventListener('hashchange', refresh); refresh(); setInterval(refresh, 3000);
        """;

    private const string Html = $"""
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>PushFanout</title><style>{Style}</style></head>
        <body>
        <h1>PushFanout</h1>
        <p>Sends one message to every device of an audience, through Apple's push service, and accounts for each.</p>
        <p><a href="/health/ready">Health</a> · <a href="/metrics">Metrics</a> · <a href="/openapi.json">API</a>: <code>/api/notifications</code>, <code>/api/apps</code></p>
        <p hidden><label>API key <input id="key" type="password" autocomplete="off"></label></p>
        <h2>Notifications</h2>
        <p id="all" hidden><a href="#">The latest</a></p>
        <p id="problem" role="status"></p>
        <table><thead><tr><th>Id</th><th>App</th><th>State</th><th>Progress</th><th>Audience</th><th>Accepted</th><th>Unregistered</th><th>Rejected</th><th>Requested</th></tr></thead>
        <tbody id="rows"></tbody></table>
        <script>{Script}</script>
        </body>
        </html>
        """;

    private static readonly string Policy =
        $"default-src 'none'; connect-src 'self'; style-src {HashOf(Style)}; script-src {HashOf(Script)}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public static IResult Write(HttpContext context)
    {
        context.Response.Headers.ContentSecurityPolicy = Policy;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        return Results.Text(Html, "text/html; charset=utf-8");
    }

    private static string HashOf(string text) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";
}
