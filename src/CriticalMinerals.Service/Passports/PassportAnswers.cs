using System.Reflection;
using System.Text;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Labels;
using CriticalMinerals.Service.Log;
using CriticalMinerals.Service.Readings;
using Microsoft.Net.Http.Headers;

namespace CriticalMinerals.Service.Passports;

/// <summary>Answers whoever followed a battery's address: in the form asked for, as of the moment asked for, with the signed head beside it.</summary>
public sealed class PassportAnswers(
    PassportReader passports, EntryReader entries, SignedLog log, Moments moments, PublicAddress address, Callers callers, Access access, ReadingLog readings)
{
    /// <summary>Response header with the head statement.</summary>
    public const string HeadHeader = "Battery-Passport-Head";

    /// <summary>Response header with the identity of the version shown: SHA-256 of the document, base64url.</summary>
    public const string VersionHeader = "Battery-Passport-Version";

    // A shared cache that knows nothing of tokens keeps the answers apart all the same.
    private const string Vary = "Accept, Authorization, " + Callers.PurposeHeader;

    // A new build may draw the same passport differently.
    private static readonly string Build = Assembly.GetExecutingAssembly().ManifestModule.ModuleVersionId.ToString("N")[..8];

    /// <summary>The passport.</summary>
    public async Task<IResult> PassportAsync(string? battery, Problem? problem, HttpContext context)
    {
        var response = context.Response;
        response.Headers.CacheControl = "no-cache";
        response.Headers.Vary = Vary;
        (var caller, var unbelieved) = await callers.OfAsync(context);
        if (caller is null)
        {
            return Refuse(unbelieved!, context);
        }

        if (battery is null)
        {
            return Refuse(problem!, context);
        }

        var size = await moments.SizeAsync(context.Request.Query["at"], context.RequestAborted);
        if (size is null)
        {
            return Refuse(Moments.Malformed("at"), context);
        }

        if (Representations.Of(context.Request) is not { } form)
        {
            return new Problem(406, "not-acceptable", "No such form", $"A passport is given as text/html, application/json, {Representations.EvidenceType} and {Representations.LinksetType}.");
        }

        var cancel = context.RequestAborted;
        if (form is Representation.Evidence or Representation.Linkset)
        {
            return await entries.StateAsync(battery, cancel) is not BatteryState ? Refuse(Unknown, context)
                : form == Representation.Linkset ? await LinksetAsync(battery, context)
                : Results.Redirect(QueryString.Create("sub", battery).ToUriComponent() is var query ? "/evidence" + query : "", permanent: false, preserveMethod: true);
        }

        if (await entries.StateAsync(battery, cancel) is not BatteryState state)
        {
            return Refuse(Unknown, context);
        }

        var (viewer, refused) = await access.ViewerAsync(caller, state, cancel);
        if (viewer is null)
        {
            return Refuse(refused!, context);
        }

        (var read, refused) = await passports.ReadAsync(battery, caller, viewer, size.Value, cancel);
        if (read is null || await log.HeadAsync(battery, cancel) is not { } head)
        {
            return Refuse(refused ?? Unknown, context);
        }

        // What it says of other chains their holders are told as well.
        if (await readings.RecordAsync(caller, viewer.Audience, [battery, .. read.Opened], form == Representation.Json ? "passport" : "page", context) is { } unrecorded)
        {
            return Refuse(unrecorded, context);
        }

        var passport = read.Passport;
        var document = PassportJson.Write(passport);
        response.Headers[HeadHeader] = head.Text;
        response.Headers[VersionHeader] = Digest.Sha256(document).ToString();
        response.Headers.Append("Link", $"<{address.Of(battery)}?linkType=linkset>; rel=\"linkset\"; type=\"{Representations.LinksetType}\"");
        if (form == Representation.Json)
        {
            if (context.Request.Query["since"].ToString() is { Length: > 0 } since)
            {
                return await DifferenceAsync(read, caller, viewer, since, size.Value, context);
            }

            return IsUnchanged(caller, context, document) ? EntityTags.NotModified : Results.Bytes(document, "application/json");
        }

        var model = new PassportView(passport, head, context.Request.Query["at"].Count > 0 ? size : null, address, caller.IsPublic ? null : caller.Name);
        PageHeaders.Set(response);
        return caller.IsPublic && EntityTags.IsUnchanged(context, new EntityTagHeaderValue($"\"{Digest.Sha256(document)}.{Build}\"", isWeak: true))
            ? EntityTags.NotModified
            : Page.Of<PassportPage>(new() { ["View"] = model });
    }

    /// <summary>The statement which entry is the newest of the battery's chain.</summary>
    public async Task<IResult> HeadAsync(string? battery, Problem? problem, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return battery is null ? problem!
            : await entries.StateAsync(battery, context.RequestAborted) is BatteryState && await log.HeadAsync(battery, context.RequestAborted) is { } head ? Results.Text(head.Text, "application/jwt")
            : Unknown;
    }

    /// <summary>The symbol to print: SVG, or PNG with <c>?format=png</c>.</summary>
    public async Task<IResult> LabelAsync(string? battery, Problem? problem, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-cache";
        var format = context.Request.Query["format"].ToString();
        if (battery is null || format is not ("" or "svg" or "png"))
        {
            return problem ?? new Problem(400, "format-unknown", "No such format", "format is svg or png.");
        }

        if (await entries.StateAsync(battery, context.RequestAborted) is not BatteryState)
        {
            return Unknown;
        }

        var text = address.QrText(battery);
        var symbol = format == "png" ? QrSymbol.Png(text) : Encoding.UTF8.GetBytes(QrSymbol.Svg(text));
        return EntityTags.IsUnchanged(context, new EntityTagHeaderValue($"\"{Digest.Sha256(symbol)}\"")) ? EntityTags.NotModified : Results.Bytes(symbol, format == "png" ? "image/png" : "image/svg+xml");
    }

    /// <summary>Another system's name: a granted one leads to its battery, declared ones to a list. A declared one never stands beside a granted one.</summary>
    public async Task<IResult> AliasAsync(string scheme, string value, HttpContext context)
    {
        // Routing leaves an encoded slash as it is; everything else is decoded already.
        value = value.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        var cancel = context.RequestAborted;
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers.Vary = Vary;
        if (scheme.Length > 32 || value.Length > 100 || !scheme.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') || value.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return Refuse(BatteryName.Malformed("A naming scheme has up to 32 small letters, digits and hyphens; a name up to 100 printable characters without spaces."), context);
        }

        if (await entries.OwnerOfAsync(ClaimName.Alias(scheme, value), cancel) is { } owner && Gs1.Path(owner) is { } path)
        {
            return Results.Redirect($"/{path}{context.Request.QueryString}", permanent: false, preserveMethod: true);
        }

        var prefix = ClaimName.DeclaredAliases(scheme, value);
        IReadOnlyList<string> batteries = [.. (await entries.ClaimsBeginningAsync(prefix, cancel)).Select(c => c[prefix.Length..]).Where(Gs1.IsItem)];
        if (batteries.Count == 0)
        {
            return Refuse(Unknown, context);
        }

        if (Representations.Of(context.Request) == Representation.Page)
        {
            PageHeaders.Set(context.Response);
            return Page.Of<AliasPage>(new() { ["Scheme"] = scheme, ["Value"] = value, ["Batteries"] = batteries });
        }

        return Results.Json(new { scheme, value, basis = "declared", batteries = batteries.Select(b => new { battery = b, href = address.Of(b) }) });
    }

    // From an earlier moment to the one shown.
    private async Task<IResult> DifferenceAsync(PassportForCaller read, Caller caller, Viewer viewer, string since, long size, HttpContext context)
    {
        if (await moments.SizeAsync(since, context.RequestAborted) is not { } earlier || earlier > size)
        {
            return Moments.Malformed("since");
        }

        var (before, problem) = await passports.ReadAsync(read.Passport.Battery, caller, viewer, earlier, context.RequestAborted);
        if (problem is not null)
        {
            return Refuse(problem, context);
        }

        // What was undone meanwhile is shown by the earlier one alone.
        if (before?.Opened.Except(read.Opened).ToList() is { Count: > 0 } more && await readings.RecordAsync(caller, viewer.Audience, [read.Passport.Battery, .. more], "passport", context) is { } unrecorded)
        {
            return Refuse(unrecorded, context);
        }

        var difference = PassportJson.Write(PassportDifference.Between(before?.Passport, read.Passport));
        return IsUnchanged(caller, context, difference) ? EntityTags.NotModified : Results.Bytes(difference, "application/json");
    }

    // What is for one caller is never asked for anew by its tag: no cache keeps it.
    private static bool IsUnchanged(Caller caller, HttpContext context, byte[] document) =>
        caller.IsPublic && EntityTags.IsUnchanged(context, new EntityTagHeaderValue($"\"{Digest.Sha256(document)}\""));

    private static Problem Unknown => Problems.NotFound with { Detail = "This log knows no such battery at that moment. Check the address, or scan the symbol again." };

    private async Task<IResult> LinksetAsync(string battery, HttpContext context)
    {
        if (await log.HeadAsync(battery, context.RequestAborted) is { } head)
        {
            context.Response.Headers[HeadHeader] = head.Text;
        }

        var linkset = Linkset.Of(battery, address);
        return EntityTags.IsUnchanged(context, new EntityTagHeaderValue($"\"{Digest.Sha256(linkset)}\"")) ? EntityTags.NotModified : Results.Bytes(linkset, Representations.LinksetType);
    }

    private static IResult Refuse(Problem problem, HttpContext context)
    {
        if (Representations.Of(context.Request) != Representation.Page)
        {
            return problem;
        }

        PageHeaders.Set(context.Response);
        problem.SetHeaders(context.Response);
        return Page.Of<ProblemPage>(new() { ["Problem"] = problem }, problem.Status);
    }
}
