using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LiveShop.Api;

/// <summary>The health checks' result as JSON. Why a file could not be loaded is in the log, not here.</summary>
internal static class HealthAnswer
{
    public static Task WriteAsync(HttpContext context, HealthReport report) =>
        context.Response.WriteAsJsonAsync(
            new
            {
                status = report.Status.ToString(),
                checks = report.Entries.ToDictionary(
                    entry => entry.Key,
                    entry => new { status = entry.Value.Status.ToString(), data = entry.Value.Data }
                ),
            }
        );
}
