using System.Globalization;
using Microsoft.OpenApi;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Http.Profiles;
using Recorder.Http.Requests;

namespace Recorder.Http.OpenApi;

/// <summary>The schema of how a page is entered and shown.</summary>
internal static class PageSchema
{
    /// <summary>The settings.</summary>
    public static OpenApiSchema Of()
    {
        var schema = RequestSchemas.Object(
            (
                ProfileRequest.ProfileName,
                false,
                Text("The profile that has the other fields; GET /api/profiles lists them. What the start gives wins.", Profile.LongestName)
            ),
            (
                ProfileRequest.Parameters,
                false,
                Entries("The parameters of the profile, without url, which is data.uri.", TextOrSecret("The value."))
            ),
            (
                PageFields.Layouts,
                false,
                Entries(
                    "The layouts that the page can be given while the session runs, by name.",
                    RequestSchemas.Object(
                        (PageFields.Css, false, Text("A style sheet that is added.", SpecLimits.MaximumStyleLength)),
                        (
                            PageFields.Script,
                            false,
                            Text("JavaScript that runs in the page once it has been entered.", SpecLimits.MaximumScriptLength)
                        )
                    )
                )
            ),
            (PageFields.Layout, false, Text("The layout that the page has from the start.", 256)),
            (PageFields.Headers, false, Entries("Headers of HTTP for the page's own origin.", TextOrSecret("The value."))),
            (PageFields.Cookies, false, List(Cookie(), SpecLimits.MaximumCookies, "Cookies that the browser has from the start.")),
            (
                PageFields.LocalStorage,
                false,
                Entries(
                    "What the local storage of each origin holds from the start.",
                    Entries("The entries of the origin.", TextOrSecret("The value."))
                )
            ),
            (
                PageFields.BasicAuth,
                false,
                RequestSchemas.Object(
                    (PageFields.User, true, TextOrSecret("The user.")),
                    (PageFields.Password, true, TextOrSecret("The password."))
                )
            ),
            (PageFields.UserAgent, false, Text("What the browser says to be.", 512)),
            (PageFields.Locale, false, Text("The language, such as de-DE.", 35)),
            (PageFields.TimeZone, false, Text("The time zone by its IANA name, such as Europe/Oslo.", 64)),
            (PageFields.ColorScheme.Name, false, RequestSchemas.Choice(PageFields.ColorScheme)),
            (
                PageFields.Scale,
                false,
                new OpenApiSchema
                {
                    Type = JsonSchemaType.Number,
                    Description = "How many pixels of the picture a pixel of the page takes.",
                    Minimum = SpecLimits.MinimumScale.ToString(CultureInfo.InvariantCulture),
                    Maximum = SpecLimits.MaximumScale.ToString(CultureInfo.InvariantCulture),
                }
            ),
            (PageFields.Css, false, Text("A style sheet that is added to the page.", SpecLimits.MaximumStyleLength)),
            (
                PageFields.Script,
                false,
                Text("JavaScript that runs in the page before the page's own.", SpecLimits.MaximumScriptLength)
            ),
            (PageFields.Devices.Name, false, RequestSchemas.Choice(PageFields.Devices)),
            (
                PageFields.IgnoreTlsErrorsFor,
                false,
                List(
                    Text("A host, or host:port.", 256),
                    SpecLimits.MaximumUntrustedHosts,
                    "Hosts whose certificates need not be trusted."
                )
            ),
            (
                PageFields.Steps,
                false,
                List(Step(), SpecLimits.MaximumSteps, "What is done in the page before its record begins, in order.")
            )
        );
        schema.Description = "How the page is entered and shown. All of it is applied again when the browser is started again.";
        return schema;
    }

    /// <summary>What the page of a running session shows from now on.</summary>
    public static OpenApiSchema OfChange()
    {
        var schema = RequestSchemas.Object(
            (
                StartFields.Uri,
                false,
                RequestSchemas.Text("The address to go to, in the same record.", "uri", SpecLimits.MaximumUriLength)
            ),
            (
                PageFields.Css,
                false,
                Text("The style sheet in place of the one before; empty takes it away.", SpecLimits.MaximumStyleLength)
            ),
            (
                PageFields.Layout,
                false,
                Text("The name of one of the layouts of the start or its profile; empty takes the layout away.", 256)
            )
        );
        schema.Description = "What the page shows from now on.";
        return schema;
    }

    private static OpenApiSchema Cookie() =>
        RequestSchemas.Object(
            ("name", true, Text("The name.", 256)),
            ("value", true, TextOrSecret("The value.")),
            ("domain", false, Text("The page's host, or a domain above it.", 256)),
            ("path", false, Text("The path; / when absent.", 1024)),
            ("secure", false, Flag("Whether the cookie goes by https only.")),
            ("http_only", false, Flag("Whether scripts do not see the cookie.")),
            (PageFields.SameSite.Name, false, RequestSchemas.Choice(PageFields.SameSite))
        );

    private static OpenApiSchema Step()
    {
        var schema = RequestSchemas.Object([
            .. PageStepFields.Kinds.Select(kind => (kind.Key, false, Text(Meaning(kind.Value), Length(kind.Value)))),
            (PageStepFields.Value, false, TextOrSecret("What is filled in or selected.")),
            (PageStepFields.Selector, false, BeginSchema.Selector("With press: the element that gets the key.")),
            (PageStepFields.Timeout.Name, false, EndSchema.Length(PageStepFields.Timeout)),
            (PageStepFields.Optional, false, Flag("Whether the page is entered although the step fails.")),
        ]);
        schema.Description = "One thing to do: exactly one of the first eight fields.";
        return schema;
    }

    private static string Meaning(PageStepKind kind) =>
        kind switch
        {
            PageStepKind.Click => "Click the element of this CSS selector.",
            PageStepKind.Fill => "Fill value into the field of this CSS selector.",
            PageStepKind.Press => "Press this key.",
            PageStepKind.Select => "Select the option value of the list of this CSS selector.",
            PageStepKind.WaitFor => "Wait until an element of this CSS selector is shown.",
            PageStepKind.WaitGone => "Wait until no element of this CSS selector is shown.",
            PageStepKind.Goto => "Go to this address.",
            PageStepKind.Eval => "Run this JavaScript expression or function.",
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such step."),
        };

    private static int Length(PageStepKind kind) =>
        kind switch
        {
            PageStepKind.Press => 16,
            PageStepKind.Goto => SpecLimits.MaximumUriLength,
            PageStepKind.Eval => SpecLimits.MaximumScriptLength,
            _ => SpecLimits.MaximumSelectorLength,
        };

    private static OpenApiSchema Text(string description, int length) => RequestSchemas.Text(description, null, length);

    private static OpenApiSchema Flag(string description) =>
        new() { Type = JsonSchemaType.Boolean, Description = description };

    private static OpenApiSchema List(OpenApiSchema items, int most, string description) =>
        new()
        {
            Type = JsonSchemaType.Array,
            Description = description,
            MaxItems = most,
            Items = items,
        };

    private static OpenApiSchema Entries(string description, OpenApiSchema value) =>
        new()
        {
            Type = JsonSchemaType.Object,
            Description = description,
            AdditionalProperties = value,
        };

    private static OpenApiSchema TextOrSecret(string description) =>
        new()
        {
            Description = description + " Text, or the name of a secret of the nodes.",
            OneOf =
            [
                Text("Text.", SpecLimits.MaximumValueLength),
                RequestSchemas.Object(
                    (PageFields.Secret, true, Text("The name of the secret (Secrets:NAME:File).", SecretFiles.LongestName))
                ),
            ],
        };
}
