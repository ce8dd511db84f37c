using Azure.Identity;
using Azure.Storage.Blobs;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// In Azure the container's URL, used under the app's own identity; without one, Azurite's.
var orders = Environment.GetEnvironmentVariable("OrdersUrl") is { Length: > 0 } url
    ? new BlobContainerClient(new Uri(url), new DefaultAzureCredential())
    : new BlobContainerClient("UseDevelopmentStorage=true", "letter-orders");
await orders.CreateIfNotExistsAsync();

var builder = FunctionsApplication.CreateBuilder(args);
builder.Services.AddSingleton(orders);
await builder.Build().RunAsync();
