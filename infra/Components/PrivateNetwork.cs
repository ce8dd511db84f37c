using System.Net;
using Pulumi;
using Pulumi.AzureNative.Network;
using Pulumi.AzureNative.Network.Inputs;
using PrivateDnsInputs = Pulumi.AzureNative.PrivateDns.Inputs;
using PrivateZone = Pulumi.AzureNative.PrivateDns.PrivateZone;
using VirtualNetworkLink = Pulumi.AzureNative.PrivateDns.VirtualNetworkLink;

namespace EventFunctions.Infra.Components;

/// <summary>A network that the function app is in, and in which the store, the storage and publishing have private addresses.</summary>
internal sealed class PrivateNetwork : ComponentResource
{
    private readonly Placement _placement;
    private readonly Subnet _endpoints;
    private readonly List<Resource> _connected = [];
    private readonly List<Resource> _made = [];
    private readonly Dictionary<string, PrivateZone> _zones = [];

    /// <summary>Makes the network: its first half is the app's, its second half the private endpoints'.</summary>
    public PrivateNetwork(Placement placement, IPNetwork space)
        : base("eventfunctions:infra:PrivateNetwork", "network")
    {
        _placement = placement;
        var (first, second) = Halves(space);
        Network = new VirtualNetwork(
            "virtual-network",
            new()
            {
                VirtualNetworkName = placement.Local("network"),
                ResourceGroupName = placement.ResourceGroup,
                Location = placement.Region,
                AddressSpace = new AddressSpaceArgs { AddressPrefixes = { space.ToString() } },
            },
            new() { Parent = this });
        Outbound = new PublicIPAddress(
            "outbound-address",
            new()
            {
                PublicIpAddressName = placement.Local("outbound"),
                ResourceGroupName = placement.ResourceGroup,
                Location = placement.Region,
                Sku = new PublicIPAddressSkuArgs { Name = PublicIPAddressSkuName.Standard },
                PublicIPAllocationMethod = IPAllocationMethod.Static,
            },
            new() { Parent = this });
        // The way to producers, from one address that they can let in.
        var gateway = new NatGateway(
            "outbound",
            new()
            {
                NatGatewayName = placement.Local("outbound"),
                ResourceGroupName = placement.ResourceGroup,
                Location = placement.Region,
                Sku = new NatGatewaySkuArgs { Name = NatGatewaySkuName.Standard },
                PublicIpAddresses = { new SubResourceArgs { Id = Outbound.Id } },
            },
            new() { Parent = this });
        App = new Subnet(
            "app-subnet",
            new()
            {
                SubnetName = "app",
                ResourceGroupName = placement.ResourceGroup,
                VirtualNetworkName = Network.Name,
                AddressPrefix = first,
                Delegations = { new DelegationArgs { Name = "flex-consumption", ServiceName = "Microsoft.App/environments" } },
                NatGateway = new SubResourceArgs { Id = gateway.Id },
            },
            new() { Parent = this });
        _endpoints = new Subnet(
            "endpoints-subnet",
            new()
            {
                SubnetName = "endpoints",
                ResourceGroupName = placement.ResourceGroup,
                VirtualNetworkName = Network.Name,
                AddressPrefix = second,
            },
            // A network takes one change at a time.
            new() { Parent = this, DependsOn = { App } });
        RegisterOutputs();
    }

    /// <summary>The network.</summary>
    public VirtualNetwork Network { get; }

    /// <summary>The address that producers see.</summary>
    public PublicIPAddress Outbound { get; }

    /// <summary>The function app's subnet.</summary>
    public Subnet App { get; }

    /// <summary>What has to be there before the app can reach what it needs.</summary>
    public IReadOnlyList<Resource> Connected => _connected;

    /// <summary>Gives a resource a private address under its own name.</summary>
    /// <param name="name">What the resource is.</param>
    /// <param name="resource">The resource's ID.</param>
    /// <param name="part">Which of the resource's services: a group ID of private link.</param>
    /// <param name="zone">The private DNS zone of that service.</param>
    /// <param name="after">What else changes the resource, and has to be done before.</param>
    public void Connect(string name, Input<string> resource, string part, string zone, params IEnumerable<Resource> after)
    {
        var dns = Zone(name, zone);
        var endpoint = new PrivateEndpoint(
            $"{name}-endpoint",
            new()
            {
                PrivateEndpointName = _placement.Local(name),
                ResourceGroupName = _placement.ResourceGroup,
                Location = _placement.Region,
                Subnet = new Pulumi.AzureNative.Network.Inputs.SubnetArgs { Id = _endpoints.Id },
                PrivateLinkServiceConnections =
                {
                    new PrivateLinkServiceConnectionArgs { Name = name, PrivateLinkServiceId = resource, GroupIds = { part } },
                },
            },
            // A resource takes one change at a time, also where two endpoints lead to it.
            new() { Parent = this, DependsOn = [.. after, .. _made.TakeLast(1)] });
        _made.Add(endpoint);
        var group = new PrivateDnsZoneGroup(
            $"{name}-zone-group",
            new()
            {
                PrivateDnsZoneGroupName = "default",
                PrivateEndpointName = endpoint.Name,
                ResourceGroupName = _placement.ResourceGroup,
                PrivateDnsZoneConfigs = { new PrivateDnsZoneConfigArgs { Name = name, PrivateDnsZoneId = dns.Id } },
            },
            new() { Parent = this });
        _connected.Add(group);
    }

    // Two resources of one service share its zone: a resource group has each name once.
    private PrivateZone Zone(string name, string zone)
    {
        if (_zones.TryGetValue(zone, out var known))
            return known;

        var dns = new PrivateZone(
            $"{name}-zone",
            new() { PrivateZoneName = zone, ResourceGroupName = _placement.ResourceGroup, Location = "global" },
            new() { Parent = this });
        _zones.Add(zone, dns);
        _connected.Add(new VirtualNetworkLink(
            $"{name}-zone-link",
            new()
            {
                VirtualNetworkLinkName = _placement.Local("network"),
                PrivateZoneName = dns.Name,
                ResourceGroupName = _placement.ResourceGroup,
                Location = "global",
                RegistrationEnabled = false,
                VirtualNetwork = new PrivateDnsInputs.SubResourceArgs { Id = Network.Id },
            },
            new() { Parent = this }));
        return dns;
    }

    /// <summary>The two halves of an IPv4 network.</summary>
    internal static (string First, string Second) Halves(IPNetwork space)
    {
        var prefix = space.PrefixLength + 1;
        var bytes = space.BaseAddress.GetAddressBytes();
        bytes[space.PrefixLength / 8] |= (byte)(0x80 >> (space.PrefixLength % 8));
        return ($"{space.BaseAddress}/{prefix}", $"{new IPAddress(bytes)}/{prefix}");
    }
}
