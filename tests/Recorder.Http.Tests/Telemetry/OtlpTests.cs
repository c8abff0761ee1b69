using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using Recorder.Cluster.Telemetry;
using Recorder.Http.Settings;
using Recorder.Http.Telemetry;

namespace Recorder.Http.Tests.Telemetry;

/// <summary>Metrics go to an OTLP collector where an address is set.</summary>
[Collection(nameof(MetricsTests))]
[Trait("ring", "actor")]
public sealed class OtlpTests
{
    [Fact]
    public async Task Metrics_are_sent_to_the_collector_that_is_named()
    {
        var called = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var collector = await CollectorAsync(called);

        // The last figures are sent at the end.
        await ServicesFor(collector.Urls.Single()).DisposeAsync();

        Assert.Equal(
            "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
            await called.Task.WaitAsync(TimeSpan.FromSeconds(20))
        );
    }

    [Fact]
    public async Task Without_an_address_nothing_is_sent_to_anybody()
    {
        // The exporter has an address of its own, which is used when the exporter is there and has none.
        using var calls = new HttpCalls("/opentelemetry.");
        await ServicesFor("").DisposeAsync();
        Assert.Empty(calls.Seen);

        // The same look sees the export to an address.
        await using var collector = await CollectorAsync(new TaskCompletionSource<string>());
        await ServicesFor(collector.Urls.Single()).DisposeAsync();
        Assert.NotEmpty(calls.Seen);
    }

    [Theory]
    [InlineData("")]
    [InlineData("http://collector:4317")]
    [InlineData("https://collector.example.org")]
    public void An_address_or_none_is_taken(string endpoint) =>
        Assert.Contains(Services(endpoint), service => service.ServiceType == typeof(MeterProvider));

    [Theory]
    [InlineData("collector")]
    [InlineData("collector:4317")]
    [InlineData("ftp://collector")]
    public void What_is_no_address_is_refused_with_the_option_and_a_way_out(string endpoint)
    {
        var refused = Assert.Throws<OptionsValidationException>(() => Services(endpoint));

        Assert.Contains("Telemetry:OtlpEndpoint", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"\"{endpoint}\"", refused.Message, StringComparison.Ordinal);
        Assert.Contains("http://collector:4317", refused.Message, StringComparison.Ordinal);
    }

    private static ServiceProvider ServicesFor(string endpoint)
    {
        var services = Services(endpoint).BuildServiceProvider();
        services.GetRequiredService<MeterProvider>();
        services.GetRequiredService<IMeterFactory>().Create(RecorderMeter.Name).CreateCounter<long>("otlp.test").Add(1);
        return services;
    }

    private static ServiceCollection Services(string endpoint)
    {
        var services = new ServiceCollection();
        services.AddTelemetry(new TelemetryOptions { OtlpEndpoint = endpoint });
        return services;
    }

    private static async Task<WebApplication> CollectorAsync(TaskCompletionSource<string> called)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2)
        );
        var collector = builder.Build();
        collector.MapFallback(
            (HttpContext context) =>
            {
                called.TrySetResult(context.Request.Path.Value ?? "");
                context.Response.ContentType = "application/grpc";
                return Results.StatusCode(StatusCodes.Status200OK);
            }
        );
        await collector.StartAsync();
        return collector;
    }

    /// <summary>The HTTP calls that this process makes to addresses whose path begins in a certain way.</summary>
    private sealed class HttpCalls(string path) : EventListener
    {
        public ConcurrentQueue<string> Seen { get; } = new();

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "System.Net.Http")
            {
                EnableEvents(eventSource, EventLevel.Informational);
            }
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (
                eventData.EventName == "RequestStart"
                && eventData.Payload?[3] is string called
                && called.StartsWith(path, StringComparison.Ordinal)
            )
            {
                Seen.Enqueue(called);
            }
        }
    }
}
