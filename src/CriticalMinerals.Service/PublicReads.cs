namespace CriticalMinerals.Service;

/// <summary>
/// What all reads share: HEAD is answered as GET without a body, OPTIONS says what is allowed, pages of other hosts may read (there are no cookies that
/// they could abuse: whoever has a token sends it itself), and nobody guesses media types.
/// </summary>
public static class PublicReads
{
    private const string Methods = "GET, HEAD, OPTIONS";

    /// <summary>Runs before routing.</summary>
    public static Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        if (HttpMethods.IsPost(context.Request.Method) || HttpMethods.IsPut(context.Request.Method))
        {
            return next(context);
        }

        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlExposeHeaders = "Battery-Passport-Head, Battery-Passport-Readings, Battery-Passport-Version, Entry-Index, ETag, Link, Location, Retry-After";
        if (HttpMethods.IsOptions(context.Request.Method))
        {
            headers.Allow = Methods;
            headers.AccessControlAllowMethods = Methods;
            headers.AccessControlAllowHeaders = "Accept, Accept-Language, Authorization, Battery-Passport-Purpose, If-None-Match";
            headers.AccessControlMaxAge = "86400";
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }

        if (HttpMethods.IsHead(context.Request.Method))
        {
            context.Request.Method = HttpMethods.Get;
            context.Response.Body = Stream.Null;
        }

        return next(context);
    }
}
