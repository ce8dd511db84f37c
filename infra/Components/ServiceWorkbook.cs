using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Pulumi;
using Pulumi.AzureNative.ApplicationInsights;

namespace EventFunctions.Infra.Components;

/// <summary>The Azure Monitor workbook that shows what arrives, what becomes of it, and how long that takes.</summary>
internal static class ServiceWorkbook
{
    /// <summary>The name of the definition among the program's resources: <c>workbook.json</c>, as the portal's advanced editor shows it.</summary>
    public const string Definition = "workbook.json";

    /// <summary>Makes the workbook.</summary>
    /// <param name="placement">Where.</param>
    /// <param name="workspace">The ID of the workspace that it reads.</param>
    /// <param name="parent">The component it belongs to.</param>
    public static Workbook Create(Placement placement, Output<string> workspace, Resource parent) => new(
        "workbook",
        new()
        {
            // A workbook's name has to be a GUID, and is the same at each run.
            ResourceName = placement.ResourceGroup.Apply(group => new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{group}/workbook")).AsSpan(0, 16)).ToString()),
            ResourceGroupName = placement.ResourceGroup,
            Location = placement.Region,
            Kind = WorkbookSharedTypeKind.Shared,
            Category = "workbook",
            DisplayName = $"Events ({placement.Name})",
            SourceId = workspace,
            SerializedData = workspace.Apply(Fill),
        },
        new() { Parent = parent });

    /// <summary>The definition, for a workspace.</summary>
    /// <param name="workspace">The workspace's ID.</param>
    internal static string Fill(string workspace)
    {
        using var stream = typeof(ServiceWorkbook).Assembly.GetManifestResourceStream(Definition)
            ?? throw new InvalidOperationException($"{Definition} is not among the program's resources.");
        var workbook = JsonNode.Parse(stream)!.AsObject();
        workbook["fallbackResourceIds"] = new JsonArray(workspace);
        return workbook.ToJsonString();
    }
}
