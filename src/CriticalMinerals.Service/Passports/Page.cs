using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace CriticalMinerals.Service.Passports;

/// <summary>
/// A page as an answer: its component drawn once, to text. No forms, no state, no circuit: so none of the services that those need (keys that protect
/// cookies and forms among them) are registered.
/// </summary>
public static class Page
{
    /// <summary>The page of a component.</summary>
    /// <param name="parameters">The component's parameters by name.</param>
    /// <param name="status">HTTP status of the answer.</param>
    public static IResult Of<T>(Dictionary<string, object?> parameters, int status = StatusCodes.Status200OK)
        where T : IComponent => new Drawn<T>(parameters, status);

    private sealed class Drawn<T>(Dictionary<string, object?> parameters, int status) : IResult
        where T : IComponent
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            await using var renderer = new HtmlRenderer(httpContext.RequestServices, httpContext.RequestServices.GetRequiredService<ILoggerFactory>());
            var text = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<T>(ParameterView.FromDictionary(parameters))).ToHtmlString());
            httpContext.Response.StatusCode = status;
            httpContext.Response.ContentType = "text/html; charset=utf-8";
            await httpContext.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), httpContext.RequestAborted);
        }
    }
}
