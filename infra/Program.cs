using EventFunctions.Infra;
using EventFunctions.Infra.Configuration;
using EventFunctions.Infra.Upload;
using Pulumi;

if (args is [UploadCommand.Name, .. var rest])
    return await UploadCommand.RunAsync(rest);

return await Deployment.RunAsync(async () =>
{
    var settings = StackConfig.Read();
    return Service.Create(settings, await CodePackage.CreateAsync(settings.Package, CancellationToken.None));
});
