using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>Sets on every response what holds for all: browsers guess no type, and nothing is stored unless the response itself allows it.</summary>
internal sealed class ResponseHeaders : IStartupFilter
{
    // When the response starts, because a problem that replaces half a response clears its headers first.
    private static readonly Func<object, Task> Complete = static response =>
    {
        var headers = ((HttpResponse)response).Headers;
        headers.XContentTypeOptions = "nosniff";
        if (headers.CacheControl.Count == 0)
        {
            headers.CacheControl = "no-store";
        }

        return Task.CompletedTask;
    };

    /// <inheritdoc/>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => application =>
    {
        application.Use(Add);
        next(application);
    };

    private static RequestDelegate Add(RequestDelegate next) => context =>
    {
        context.Response.OnStarting(Complete, context.Response);
        return next(context);
    };
}
