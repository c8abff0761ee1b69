using Recorder.Cluster.Webhooks;

namespace Recorder.Cluster.Tests.Webhooks;

/// <summary>When an event is sent again, and how it is signed.</summary>
public sealed class RetryPlanTests
{
    [Theory]
    [InlineData(200)]
    [InlineData(204)]
    [InlineData(299)]
    public void A_receiver_that_answers_2xx_has_the_event(int status) =>
        Assert.IsType<AfterCall.Delivered>(RetryPlan.Next(1, TimeSpan.Zero, Answered(status), 0.5));

    [Theory]
    [InlineData(301)]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(null)]
    public void Whatever_else_it_answers_the_event_is_sent_again(int? status) =>
        Assert.IsType<AfterCall.Retry>(RetryPlan.Next(1, TimeSpan.Zero, Answered(status), 0.5));

    [Fact]
    public void An_answer_that_broke_off_counts_as_no_answer() =>
        Assert.IsType<AfterCall.Retry>(
            RetryPlan.Next(1, TimeSpan.Zero, new CallOutcome(200, "The answer broke off.", null, TimeSpan.Zero), 0.5)
        );

    [Fact]
    public void A_receiver_that_is_gone_gets_nothing_more() =>
        Assert.IsType<AfterCall.Gone>(RetryPlan.Next(1, TimeSpan.Zero, Answered(410), 0.5));

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 30)]
    [InlineData(3, 120)]
    [InlineData(6, 3600)]
    [InlineData(10, 36000)]
    public void The_waits_grow(int attempts, double seconds)
    {
        Assert.Equal(new AfterCall.Retry(TimeSpan.FromSeconds(seconds)), Next(attempts, 0.5));
        Assert.Equal(
            new AfterCall.Retry(TimeSpan.FromSeconds(seconds * 0.8)),
            Next(attempts, 0)
        );
        Assert.Equal(
            new AfterCall.Retry(TimeSpan.FromSeconds(seconds * 1.2)),
            Next(attempts, 1)
        );
    }

    [Fact]
    public void The_tries_last_a_day_at_least_and_end()
    {
        var waited = TimeSpan.Zero;
        var attempts = 1;
        while (Next(attempts, 0) is AfterCall.Retry retry)
        {
            waited += retry.Wait;
            attempts++;
        }
        Assert.IsType<AfterCall.Dead>(Next(attempts, 0));
        Assert.Equal(RetryPlan.MostAttempts, attempts);
        Assert.InRange(waited / 0.8, TimeSpan.FromHours(24), TimeSpan.FromHours(30));
    }

    [Theory]
    [InlineData(1, 25, false)]
    [InlineData(1, 26, true)]
    [InlineData(9, 19, false)]
    [InlineData(9, 26, true)]
    public void What_has_waited_a_day_behind_an_event_that_failed_gets_one_try(int attempts, double hours, bool dead) =>
        Assert.Equal(
            dead,
            RetryPlan.Next(attempts, TimeSpan.FromHours(hours), Answered(500), 0.5) is AfterCall.Dead
        );

    [Theory]
    [InlineData(60, 60)]
    [InlineData(1, 5)]
    [InlineData(1_000_000, 43_200)]
    public void A_receiver_may_ask_for_a_longer_wait(double asked, double seconds) =>
        Assert.Equal(
            new AfterCall.Retry(TimeSpan.FromSeconds(seconds)),
            RetryPlan.Next(1, TimeSpan.Zero, Answered(503) with { RetryAfter = TimeSpan.FromSeconds(asked) }, 0.5)
        );

    [Fact]
    public void A_signature_is_that_of_the_reference() =>
        Assert.Equal(
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            WebhookSecret.Sign(
                ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                DateTimeOffset.FromUnixTimeSeconds(1_614_265_330),
                """{"test": 2432232314}"""
            )
        );

    [Fact]
    public void While_a_secret_is_changed_an_event_is_signed_by_both()
    {
        var at = DateTimeOffset.UnixEpoch;
        var webhook = Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").WithSecret(WebhookSecret.New(), at);
        Assert.Equal(2, webhook.SecretsAt(at).Count);
        Assert.Contains(
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            WebhookSecret
                .Sign(
                    webhook.SecretsAt(at),
                    "msg_p5jXN8AQM9LWM0D4loKWxJek",
                    DateTimeOffset.FromUnixTimeSeconds(1_614_265_330),
                    """{"test": 2432232314}"""
                )
                .Split(' ')
        );
        Assert.Single(webhook.SecretsAt(at + Cluster.Webhooks.Webhook.Overlap));
    }

    [Theory]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", true)]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", false)]
    [InlineData("whsec_c2hvcnQ=", false)]
    [InlineData("whsec_not base64!", false)]
    [InlineData("", false)]
    public void A_secret_has_a_form_and_a_length(string secret, bool right)
    {
        Assert.Equal(right, WebhookSecret.Problem(secret) is null);
        Assert.Null(WebhookSecret.Problem(WebhookSecret.New()));
    }

    [Fact]
    public void No_text_of_a_webhook_has_its_secret()
    {
        var secret = WebhookSecret.New();
        var webhook = Webhook(secret).WithSecret(WebhookSecret.New(), DateTimeOffset.UnixEpoch);
        Assert.DoesNotContain(secret, $"{webhook} {new WebhookCall("", "evt_1-1-0", "{}", [secret])}");
        Assert.Equal("whsec_…LaSw", WebhookSecret.Hint("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    }

    private static Webhook Webhook(string secret) =>
        new(
            "whk_1",
            WebhookSource.Api,
            "https://example.org/hook",
            [],
            null,
            null,
            true,
            null,
            DateTimeOffset.UnixEpoch,
            secret,
            null,
            null
        );

    private static AfterCall Next(int attempts, double chance) =>
        RetryPlan.Next(attempts, TimeSpan.Zero, Answered(500), chance);

    private static CallOutcome Answered(int? status) =>
        new(status, status is >= 200 and < 300 ? null : "It did not take the event.", null, TimeSpan.Zero);
}
