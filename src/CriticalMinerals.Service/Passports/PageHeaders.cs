namespace CriticalMinerals.Service.Passports;

/// <summary>What a browser is told about our pages: nothing from elsewhere, no scripts, no frames, no cookies.</summary>
public static class PageHeaders
{
    /// <summary>Sets them.</summary>
    public static void Set(HttpResponse response)
    {
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
        response.Headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        response.Headers.ContentLanguage = "en";
    }
}
