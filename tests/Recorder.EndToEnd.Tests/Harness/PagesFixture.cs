using Recorder.ReferencePages;

namespace Recorder.EndToEnd.Tests.Harness;

/// <summary>The pages all these tests record, served once.</summary>
public sealed class PagesFixture : IAsyncLifetime
{
    /// <summary>The pages.</summary>
    public ReferencePageServer Pages { get; private set; } = null!;

    public async Task InitializeAsync() =>
        Pages = await ReferencePageServer.StartAsync(await ReferenceClip.MakeAsync(ReferenceClipFormat.Small));

    public async Task DisposeAsync() => await Pages.DisposeAsync();
}

/// <summary>Every test that starts real nodes: one after another, on one set of pages.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RealNodes : ICollectionFixture<PagesFixture>
{
    public const string Name = "real nodes";
}
