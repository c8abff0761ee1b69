using Microsoft.Extensions.Options;

using Recorder.Http.Access;
using Recorder.Http.Settings;

namespace Recorder.Http;

/// <summary>Refuses options a node must not start with. Runs before anything listens.</summary>
internal sealed class HttpOptionsValidator : IValidateOptions<HttpOptions>
{
    public ValidateOptionsResult Validate(string? name, HttpOptions options)
    {
        var problems = new List<string>();
        if (options.MaximumBodyBytes is < 1024 or > 16 * 1024 * 1024)
            problems.Add($"{HttpOptions.Section}:MaximumBodyBytes is {options.MaximumBodyBytes}; it must be 1024 to 16777216.");
        Positive(nameof(options.PlacementTimeout), options.PlacementTimeout);
        Positive(nameof(options.StartTimeout), options.StartTimeout);
        Positive(nameof(options.StopTimeout), options.StopTimeout);
        Positive(nameof(options.ReadyTimeout), options.ReadyTimeout);

        ApiKeyRing.Read(options.Keys, problems);
        AllowedOrigins.Read(options.AllowedOrigins, problems);
        CheckAddresses(options, problems);
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);

        void Positive(string option, TimeSpan value)
        {
            // A day is far beyond any sense, and keeps clear of what a timer cannot hold.
            if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(1))
                problems.Add($"{HttpOptions.Section}:{option} is {value}; it must be longer than zero and at most a day.");
        }
    }

    private static void CheckAddresses(HttpOptions options, List<string> problems)
    {
        var addresses = BindingRule.AddressesOf(options.Listen);
        if (addresses.Count == 0)
            problems.Add($"{HttpOptions.Section}:Listen is empty; give an address such as http://127.0.0.1:34568.");
        foreach (var address in addresses)
        {
            try
            {
                if (!BindingRule.IsLoopback(address) && options.Keys.Count == 0)
                    problems.Add(BindingRule.KeysNeeded(address));
            }
            catch (FormatException)
            {
                problems.Add($"{HttpOptions.Section}:Listen has \"{address}\", which is no address to listen on; "
                    + "write it like http://127.0.0.1:34568.");
            }
        }
    }
}
