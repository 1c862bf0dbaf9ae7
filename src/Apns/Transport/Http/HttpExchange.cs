using System.Globalization;
using System.Net;
using PushFanout.Apns.Answers;
using PushFanout.Apns.Credentials;
using PushFanout.Apns.Sending;

namespace PushFanout.Apns.Transport.Http;

/// <summary>
/// Request, body and cancellation of a push, kept for the next one on the same connection: the headers that all pushes of a
/// notification share are set once. Nothing in it needs disposing: the body is memory, and the cancellation has no timer.
/// </summary>
#pragma warning disable CA1001
internal sealed class HttpExchange
#pragma warning restore CA1001
{
    private const string IdHeader = "apns-id";
    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly string devicePath;
    private readonly PayloadContent payload = new();
    private readonly CancellationTokenSource givenUp = new();
    private readonly byte[] content = new byte[ErrorBody.MaxBytes];
    private ApnsNotification? notification;
    private ProviderTokenValue? authorization;
    private int contentLength;

    public HttpExchange(Uri endpoint)
    {
        devicePath = new Uri(endpoint, "/3/device/").AbsoluteUri;
        Request = new HttpRequestMessage(HttpMethod.Post, endpoint)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = payload,
        };
    }

    public HttpRequestMessage Request { get; }

    public CancellationToken GivenUp => givenUp.Token;

    public ReadOnlySpan<byte> Content => content.AsSpan(0, contentLength);

    /// <summary>False while the handler may still be busy with the body, for example when the answer came before it was read.</summary>
    public bool CanBeUsedAgain => payload.Written && !givenUp.IsCancellationRequested;

    public void Prepare(Push push)
    {
        payload.Prepare(push);
        contentLength = 0;
        Request.RequestUri = new Uri(devicePath + Convert.ToHexStringLower(push.Token.Span), AsItIs);
        if (!ReferenceEquals(notification, push.Notification) || !ReferenceEquals(authorization, push.Authorization))
        {
            notification = push.Notification;
            authorization = push.Authorization;
            SetSharedHeaders(notification, authorization);
        }
        if (notification.IdSeed is { } seed)
        {
            Request.Headers.Remove(IdHeader);
            Add(IdHeader, ApnsId.For(seed, push.Token.Span).ToString());
        }
    }

    /// <summary>Reads the body of an error, at most as much as an answer of APNs can have.</summary>
    public async ValueTask<BodyEnd> ReadContentAsync(HttpResponseMessage response)
    {
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(GivenUp);
            while (contentLength < content.Length)
            {
                var read = await stream.ReadAsync(content.AsMemory(contentLength), GivenUp);
                if (read == 0)
                {
                    return BodyEnd.Complete;
                }
                contentLength += read;
            }
            return BodyEnd.TooLong;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return BodyEnd.Interrupted;
        }
    }

    public void GiveUp() => givenUp.Cancel();

    private void SetSharedHeaders(ApnsNotification push, ProviderTokenValue? token)
    {
        Request.Headers.Clear();
        Add("apns-topic", push.Topic);
        Add("apns-push-type", push.PushType);
        if (push.Priority is { } priority)
        {
            Add("apns-priority", priority.ToString(CultureInfo.InvariantCulture));
        }
        if (push.CollapseId is { } collapseId)
        {
            Add("apns-collapse-id", collapseId);
        }
        if (push.ExpirationUnixSeconds is { } expiration)
        {
            Add("apns-expiration", expiration.ToString(CultureInfo.InvariantCulture));
        }
        if (token is not null)
        {
            Add("authorization", token.Header);
        }
    }

    private void Add(string name, string value) => Request.Headers.TryAddWithoutValidation(name, value);
}
