using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace CriticalMinerals.Service;

/// <summary>The whole programming interface: as an OpenAPI document under <c>/openapi/v1.json</c>, and as a page under <c>/reference</c>.</summary>
internal static class ProgrammingInterface
{
    /// <summary>The document's name, which is also its file's: that of a document which nobody named.</summary>
    internal const string Document = "v1";

    private const string Title = "Battery passport ledger";

    /// <summary>Says whose document it is and sorts the operations by what they are about, which is the folder that their code stands in.</summary>
    internal static void Describe(OpenApiOptions options) => options.AddDocumentTransformer((document, _, _) =>
    {
        document.Info = new OpenApiInfo { Title = Title, Version = Document, Description = "Signed entries are sent, one way; passports, evidence and the log's files are read." };
        foreach (var operation in document.Paths.Values.SelectMany(path => path.Operations ?? []).Select(of => of.Value))
        {
            operation.Tags = operation.Tags?.Select(tag => new OpenApiTagReference(Subject(tag.Name ?? ""), document)).ToHashSet();
        }

        document.Tags = document.Tags?.Select(tag => Subject(tag.Name ?? "")).Distinct().Order(StringComparer.Ordinal).Select(name => new OpenApiTag { Name = name }).ToHashSet();
        return Task.CompletedTask;
    });

    /// <summary>Serves both. The page and everything it loads comes from this host; the browser holds it to that. Nothing on it leads to the maker of the viewer but its name.</summary>
    internal static void Map(WebApplication app)
    {
        app.MapOpenApi();
        app.Use((context, next) =>
        {
            if (context.Request.Path.StartsWithSegments("/reference", StringComparison.Ordinal))
            {
                context.Response.Headers.ContentSecurityPolicy = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:";
            }

            return next(context);
        });
        app.MapScalarApiReference("/reference", page => page.WithTitle(Title).HideDeveloperTools().HideClientButton().DisableMcp().DisableAgent().DisableTelemetry().DisableDefaultFonts());
    }

    // Endpoints are named by their classes: CriticalMinerals.Service.Log.GetLog is about the log, CriticalMinerals.Service.Health about health.
    private static string Subject(string name) => name.Split('.') is [_, _, var subject, ..] ? subject : name;
}
