using PushFanout.Apns.Answers;
using PushFanout.Apns.Tests.Kit;

namespace PushFanout.Apns.Tests.Answers;

/// <summary>What each of Apple's words means, as a user of the client sees it.</summary>
public sealed class ReasonTests(ReasonTests.Apns fixture) : IClassFixture<ReasonTests.Apns>
{
    public static TheoryData<int, string, Answer, ApnsReason> AppleTable => new()
    {
        { 400, "BadCollapseId", Answer.Rejected, ApnsReason.BadCollapseId },
        { 400, "BadDeviceToken", Answer.Suspect, ApnsReason.BadDeviceToken },
        { 400, "BadExpirationDate", Answer.Rejected, ApnsReason.BadExpirationDate },
        { 400, "BadMessageId", Answer.Rejected, ApnsReason.BadMessageId },
        { 400, "BadPriority", Answer.Rejected, ApnsReason.BadPriority },
        { 400, "BadTopic", Answer.CredentialRefused, ApnsReason.BadTopic },
        { 400, "DeviceTokenNotForTopic", Answer.Suspect, ApnsReason.DeviceTokenNotForTopic },
        { 400, "DuplicateHeaders", Answer.Rejected, ApnsReason.DuplicateHeaders },
        { 400, "IdleTimeout", Answer.Transient, ApnsReason.IdleTimeout },
        { 400, "InvalidPushType", Answer.Rejected, ApnsReason.InvalidPushType },
        { 400, "MissingDeviceToken", Answer.Rejected, ApnsReason.MissingDeviceToken },
        { 400, "MissingTopic", Answer.CredentialRefused, ApnsReason.MissingTopic },
        { 400, "PayloadEmpty", Answer.Rejected, ApnsReason.PayloadEmpty },
        { 400, "TopicDisallowed", Answer.CredentialRefused, ApnsReason.TopicDisallowed },
        { 403, "BadCertificate", Answer.CredentialRefused, ApnsReason.BadCertificate },
        { 403, "BadCertificateEnvironment", Answer.CredentialRefused, ApnsReason.BadCertificateEnvironment },
        { 403, "ExpiredProviderToken", Answer.CredentialRefused, ApnsReason.ExpiredProviderToken },
        { 403, "Forbidden", Answer.CredentialRefused, ApnsReason.Forbidden },
        { 403, "InvalidProviderToken", Answer.CredentialRefused, ApnsReason.InvalidProviderToken },
        { 403, "MissingProviderToken", Answer.CredentialRefused, ApnsReason.MissingProviderToken },
        { 403, "UnrelatedKeyIdInToken", Answer.CredentialRefused, ApnsReason.UnrelatedKeyIdInToken },
        { 403, "BadEnvironmentKeyIdInToken", Answer.CredentialRefused, ApnsReason.BadEnvironmentKeyIdInToken },
        { 403, "BadEnvironmentKeyInToken", Answer.CredentialRefused, ApnsReason.BadEnvironmentKeyIdInToken },
        { 404, "BadPath", Answer.Rejected, ApnsReason.BadPath },
        { 405, "MethodNotAllowed", Answer.Rejected, ApnsReason.MethodNotAllowed },
        { 410, "ExpiredToken", Answer.Unregistered, ApnsReason.ExpiredToken },
        { 410, "Unregistered", Answer.Unregistered, ApnsReason.Unregistered },
        { 413, "PayloadTooLarge", Answer.Rejected, ApnsReason.PayloadTooLarge },
        { 429, "TooManyProviderTokenUpdates", Answer.Transient, ApnsReason.TooManyProviderTokenUpdates },
        { 429, "TooManyRequests", Answer.Transient, ApnsReason.TooManyRequests },
        { 500, "InternalServerError", Answer.Transient, ApnsReason.InternalServerError },
        { 503, "ServiceUnavailable", Answer.Transient, ApnsReason.ServiceUnavailable },
        { 503, "Shutdown", Answer.Transient, ApnsReason.Shutdown },
    };

    [Theory]
    [MemberData(nameof(AppleTable))]
    public async Task Each_of_Apples_words_has_its_meaning(int status, string word, Answer meaning, ApnsReason reason)
    {
        var token = Pushes.Token();
        fixture.Simulated.Simulator.Tokens.Strike(token.Span, ApnsSimulator.Fault.Answer(status, word));

        var client = fixture.Simulated.NewClient();
        await client.SendAsync(); // a connection that has been of use may be replaced at once
        var answer = await client.SendAsync(token);

        Assert.Equal((meaning, reason, word, status), (answer.Answer, answer.Reason, answer.ReasonText, answer.Status));
        Assert.Same(ApnsReasons.Find(word)!.Word, answer.ReasonText); // no new string for a known word
    }

    [Fact]
    public void The_table_has_every_word_of_Apples_once()
    {
        Assert.Equal(AppleTable.Select(row => (string)((object[])row)[1]).Order(), ApnsReasons.Table.Select(row => row.Word).Order());
    }

    public sealed class Apns : IAsyncLifetime
    {
        internal SimulatedApns Simulated { get; private set; } = null!;

        public async Task InitializeAsync() => Simulated = await SimulatedApns.StartAsync();

        public Task DisposeAsync() => Simulated.DisposeAsync().AsTask();
    }
}
