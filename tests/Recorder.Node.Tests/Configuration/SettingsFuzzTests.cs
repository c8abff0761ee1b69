using Recorder.Cluster.Hosting;
using Recorder.Harness.Fuzzing;
using Recorder.Http;
using Recorder.Node.Configuration;
using Recorder.Node.Delivery;

namespace Recorder.Node.Tests.Configuration;

/// <summary>Values of options that nobody would set.</summary>
public sealed class SettingsFuzzTests
{
    private static readonly string[] Values =
    [
        "", " ", "0", "-1", "1", "2147483648", "99999999999999999999", "1e400", "NaN", "0.5", "true", "maybe", "1 s",
        "-1 s", "99999999999 d", "1 parsec", "10 MB", "-5 GB", "99999999 TB", "..", "/", "/dev/null", "\u0000", "æ",
        "a,b,,c", "{session}", "{", "http://", "https://[::1", "http://a:99999/", "10.0.0.0/33", "::/129", "*", "<-loopback>",
        "Required", "required,Off", "$(id)", "'; drop table", "P1D", "1h1h",
    ];

    [Fact]
    public void A_value_is_taken_or_refused_with_a_sentence()
    {
        var random = new Random(FuzzSize.Seed);
        var (taken, refused) = (0, 0);
        foreach (var option in RecorderSettings.Options)
        {
            for (var number = 0; number < FuzzSize.Of(8); number++)
            {
                var value = Values[random.Next(Values.Length)];
                if (IsTaken(option.Key, value))
                {
                    taken++;
                }
                else
                {
                    refused++;
                }
            }
        }

        Assert.True(taken > 100 && refused > 100, $"{taken} values were taken and {refused} refused.");
    }

    private static bool IsTaken(string key, string value)
    {
        try
        {
            var settings = RecorderSettings.Bind(
                NodeConfiguration.Read(null, new Dictionary<string, string>(), [KeyValuePair.Create(key, value)], out _)
            );
            string[] problems =
            [
                .. FarmOptionsCheck.Problems(settings.Cluster),
                .. RemotingCertificate.Problems(settings.Cluster.Remoting),
                .. HttpOptionsCheck.Problems(settings.Http),
                .. DestinationCheck.Problems(settings.Delivery, settings.Destinations, "/records", "/data"),
            ];
            Assert.All(problems, problem => Assert.False(string.IsNullOrWhiteSpace(problem)));
            return problems.Length == 0;
        }
        catch (StartRefusedException refused)
        {
            Assert.False(string.IsNullOrWhiteSpace(refused.Message));
            return false;
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"{key} = \"{value}\" made {error.GetType().Name}.", error);
        }
    }
}
