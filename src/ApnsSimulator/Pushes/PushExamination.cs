using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace PushFanout.ApnsSimulator;

/// <summary>
/// Every check of a push, in the order that APNs is believed to have: method, path, duplicate headers, credential and connection,
/// topic, push type and the other headers, size, form of the token.
/// </summary>
internal sealed class PushExamination(SimulatorOptions options, CredentialChecks credentials, LintFindings findings)
{
    private readonly TopicChecks topics = new(options.Topics);
    private readonly HeaderChecks headerChecks = new(options, findings);

    public ExaminedPush Examine(HttpContext context, PushBody body)
    {
        var single = PushHeaders.TryRead(context.Request.Headers, out var headers);
        var push = new ExaminedPush(headers);
        push.Refusal = PathChecks.Refuse(context.Request.Method, context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, out var token)
            ?? (single ? null : Refusals.DuplicateHeaders)
            ?? RefuseSender(context, ref headers)
            ?? headerChecks.Refuse(headers, out var type)
            ?? RefuseBody(body, type)
            ?? RefuseToken(token, ref push);
        return push;
    }

    private PushReply? RefuseSender(HttpContext context, ref PushHeaders headers)
    {
        var connection = context.Features.GetRequiredFeature<PushConnection>();
        var streamId = context.Features.GetRequiredFeature<IHttp2StreamIdFeature>().StreamId;
        return credentials.Refuse(headers.Authorization, connection, streamId, out var key) ?? topics.Refuse(ref headers.Topic, key, connection.Certificate);
    }

    private PushReply? RefuseBody(PushBody body, PushType type)
    {
        if (body.Length == 0)
        {
            return Refusals.PayloadEmpty;
        }
        if (body.Length > type.MaxPayloadBytes)
        {
            return Refusals.PayloadTooLarge;
        }
        if (!body.IsJsonObject)
        {
            findings.Count(Finding.PayloadIsNotJson);
        }
        return null;
    }

    private PushReply? RefuseToken(ReadOnlySpan<char> token, ref ExaminedPush push)
    {
        if (!DeviceTokenHash.TryOfHex(token, out var hash))
        {
            return Refusals.BadDeviceToken;
        }
        push.TokenHash = hash;
        if (token.ContainsAnyInRange('A', 'F'))
        {
            findings.Count(Finding.UpperCaseToken);
        }
        return null;
    }
}
