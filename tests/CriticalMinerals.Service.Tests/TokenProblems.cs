using CriticalMinerals.Ledger;
using Microsoft.AspNetCore.Http;

namespace CriticalMinerals.Service.Tests;

/// <summary>What is wrong with a token is answered so that any HTTP client knows it has to show who it is.</summary>
public sealed class TokenProblems
{
    public static TheoryData<Failure> Faults => [.. Enum.GetValues<Failure>().Where(f => f.ToString().StartsWith("Token", StringComparison.Ordinal))];

    [Theory, MemberData(nameof(Faults))]
    public async Task Whatever_is_wrong_with_a_token_is_401_with_its_name_and_a_challenge(Failure failure)
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { Response = { Body = body } };
        var problem = Problems.Of(new Fault(failure, "Why."));
        await problem.ExecuteAsync(context);
        Assert.Equal(StatusCodes.Status401Unauthorized, context.Response.StatusCode);
        Assert.Equal("Bearer error=\"invalid_token\"", context.Response.Headers.WWWAuthenticate.ToString());
        Assert.Equal((failure.ToCode(), "Why."), (problem.Code, problem.Detail));
    }
}
