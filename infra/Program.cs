using EventFunctions.Infra;
using EventFunctions.Infra.Configuration;
using Pulumi;

return await Deployment.RunAsync(async () =>
{
    var settings = StackConfig.Read();
    return Service.Create(settings, await CodePackage.CreateAsync(settings.Package, CancellationToken.None));
});
