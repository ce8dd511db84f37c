using EventFunctions.Infra;
using EventFunctions.Infra.Configuration;
using Pulumi;

return await Deployment.RunAsync(async () =>
{
    var config = new Config();
    var azure = new Config("azure-native");
    var settings = StackSettings.Read(key => key == StackSettings.Location ? azure.Get("location") : config.Get(key));
    return Service.Create(settings, await CodePackage.CreateAsync(settings.Package, CancellationToken.None));
});
