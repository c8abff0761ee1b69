using Recorder.Cluster.Sessions.Records;
using Recorder.Http.Answers;

namespace Recorder.Http.Tests.Answers;

/// <summary>What is recorded is told in one form, by the API and in the manifest beside a record.</summary>
public sealed class ManifestFormTests
{
    [Theory]
    [InlineData(typeof(PageSpecAnswer), typeof(ManifestPageSpec))]
    [InlineData(typeof(RtpSpecAnswer), typeof(ManifestRtpSpec))]
    public void A_spec_has_the_same_fields_in_both(Type answer, Type manifest) => Assert.Equal(Fields(answer), Fields(manifest));

    private static IEnumerable<string> Fields(Type type) => type.GetProperties().Select(property => property.Name).Order(StringComparer.Ordinal);
}
