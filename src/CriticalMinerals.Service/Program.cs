using CriticalMinerals.Service;
using CriticalMinerals.Service.Demo;
using CriticalMinerals.Service.Genealogy;
using CriticalMinerals.Service.Log;
using CriticalMinerals.Service.Operators;
using CriticalMinerals.Service.Passports;
using CriticalMinerals.Service.Postgres;
using CriticalMinerals.Service.Readings;
using CriticalMinerals.Service.Restoring;
using CriticalMinerals.Service.Stamping;
using JasperFx;
using JasperFx.CodeGeneration;
using Marten;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.OpenApi;
using Npgsql;
using Wolverine;
using Wolverine.Http;
using Wolverine.Marten;

// A first argument without dashes is a command of Wolverine's ("codegen write", "storage counts", ...); anything else is configuration.
var isCommand = args.Length > 0 && !args[0].StartsWith('-');
try
{
    // appsettings.json stands beside the program, from wherever it is started.
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = isCommand ? [] : args, ContentRootPath = AppContext.BaseDirectory });
    var options = LedgerOptions.Read(builder.Configuration);

    if (args is [NewLedger.Command])
    {
        await Console.Out.WriteLineAsync(await NewLedger.BeginAsync(options, TimeProvider.System.GetUtcNow(), CancellationToken.None));
        return 0;
    }

    if (args is [VerifyState.Command])
    {
        await Console.Out.WriteLineAsync(await VerifyState.RunAsync(options, CancellationToken.None));
        return 0;
    }

    if (args is [ForgetReader.Command, var reader])
    {
        await Console.Out.WriteLineAsync(await ForgetReader.RunAsync(options, reader, CancellationToken.None));
        return 0;
    }

    // Generating code needs no database, only its shape.
    await using var database = args is ["codegen", ..] ? null : await DatabaseSource.OpenAsync(options, isCommand ? args[0] : null, CancellationToken.None);
    await using var source = database is null
        ? NpgsqlDataSource.Create("Host=127.0.0.1;Database=none")
        : await Migration.RunAsync(database.OwnerConnectionString, database.ServiceConnectionString, CancellationToken.None);

    builder.Services.AddSingleton(options).AddSingleton(source).AddSingleton(TimeProvider.System);
    LogStartup.Register(builder.Services);
    if (database is not null && options.Demo && !isCommand)
    {
        DemoKeys.Ensure(options.DataFolder);
        builder.Services.AddHostedService<DemoHost>();
    }

    if (database is not null && options.TimeStampAuthority is not null)
    {
        builder.Services.AddHostedService<TimeStamps>();
    }

    builder.Services.AddSingleton<PublicAddress>().AddSingleton<Moments>().AddSingleton<GenealogyReader>().AddSingleton<LongReads>().AddSingleton<OperatorReader>().AddSingleton<PassportReader>().AddSingleton<PassportAnswers>();
    builder.Services.AddSingleton<Callers>().AddSingleton<Access>().AddSingleton<ReadingLog>().AddHostedService<Retention>();
    builder.Services.AddSingleton<OpenIdTokens>();

    builder.Services.AddMarten(Storage.Configure).UseNpgsqlDataSource().UseLightweightSessions().IntegrateWithWolverine();
    builder.UseWolverine(wolverine =>
    {
        wolverine.ServiceName = "critical-minerals";
        wolverine.ApplicationAssembly = typeof(Program).Assembly;
        wolverine.Durability.Mode = DurabilityMode.Solo;
        wolverine.AutoBuildMessageStorageOnStartup = AutoCreate.None;
        wolverine.Policies.UseDurableLocalQueues();
        wolverine.Policies.AutoApplyTransactions();
        // What runs is the code under Internal/Generated. After changing an endpoint or handler, in this project's folder:
        // dotnet run -p:RenewHandlers=true -- codegen write
        wolverine.CodeGeneration.GeneratedCodeOutputPath = Path.Combine(Environment.CurrentDirectory, "Internal", "Generated");
        wolverine.CodeGeneration.TypeLoadMode = TypeLoadMode.Static;
    });
    builder.Services.AddWolverineHttp();
    builder.Services.AddProblemDetails();
    builder.Services.AddOpenApi().Configure<OpenApiOptions>(ProgrammingInterface.Document, ProgrammingInterface.Describe); // Only the bare call brings the code's own descriptions along.
    builder.WebHost.ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 1 << 20; // An endpoint that streams raises it for itself.
    });
    if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
    {
        builder.WebHost.UseUrls(LedgerOptions.DefaultUrl);
    }

    await using var app = builder.Build();
    app.UseExceptionHandler();
    app.UseStatusCodePages();
    app.Use(PublicReads.InvokeAsync);
    app.UseRouting();
    app.MapWolverineEndpoints(http => http.WarmUpRoutes = RouteWarmup.Eager);
    ProgrammingInterface.Map(app);
    if (args is [Restore.Command, .. var restoring])
    {
        await Console.Out.WriteLineAsync(await app.Services.GetRequiredService<Restore>().RunAsync(restoring, CancellationToken.None));
        return 0;
    }

    if (isCommand)
    {
        return await app.RunJasperFxCommands(args);
    }

    ListeningAddress.RequireFree(app);
    await LogStartup.RunAsync(app.Services, CancellationToken.None);
    app.Lifetime.ApplicationStarted.Register(() => app.Logger.LogInformation(
        "{Database} The ledger listens on {Urls}; Ctrl-C stops it.", database?.Description, string.Join(", ", app.Urls)));
    await app.RunAsync();
    return 0;
}
catch (StartupException problem)
{
    await Console.Error.WriteLineAsync(problem.Message);
    return 1;
}
catch (IOException taken) when (taken.InnerException is AddressInUseException)
{
    await Console.Error.WriteLineAsync($"{taken.Message} Choose another: --urls http://127.0.0.1:5081");
    return 1;
}
