using EventFunctions.Infra.Configuration;

namespace EventFunctions.Infra.Tests;

public sealed class SettingsTests
{
    [Theory]
    [InlineData("name", "Orders!", "name is \"Orders!\", which has not 2 to 12 small letters and digits, a letter first; example: events.")]
    [InlineData("instanceMemory", "1024", "instanceMemory is \"1024\", which is none of 512, 2048, 4096; example: 512.")]
    [InlineData("maximumInstances", "0", "maximumInstances is \"0\", which is no whole number from 1 to 1000; example: 100.")]
    [InlineData("perInstanceConcurrency", "many", "perInstanceConcurrency is \"many\", which is no whole number from 1 to 1000; example: 100.")]
    [InlineData("cosmosAutoscale", """{"events":1500}""", "cosmosAutoscale is \"events: 1500\", which is not a multiple of 1000 up to 1000000; example: {\"events\":10000,\"deliveries\":4000}.")]
    [InlineData("cosmosAutoscale", """{"events":0}""", "cosmosAutoscale is \"events: 0\", which is not a multiple of 1000 up to 1000000; example: {\"events\":10000,\"deliveries\":4000}.")]
    [InlineData("cosmosAutoscale", "4000", "cosmosAutoscale cannot be read: it is no JSON of the expected form; example: {\"events\":10000,\"deliveries\":4000}.")]
    [InlineData("cosmosConverted", "true", "cosmosConverted is true, but cosmosAutoscale is missing: a converted account needs throughput; example: cosmosAutoscale {\"events\":10000,\"deliveries\":4000}.")]
    [InlineData("backupDays", "14", "backupDays is \"14\", which is none of 7, 30; example: 7.")]
    [InlineData("protect", "yes", "protect is \"yes\", which is neither true nor false; example: true.")]
    [InlineData("subscriptionTimeToLiveHours", "25", "subscriptionTimeToLiveHours is \"25\", which is no whole number from 1 to 24; example: 24.")]
    [InlineData("maxDeliveryAttempts", "31", "maxDeliveryAttempts is \"31\", which is no whole number from 1 to 30; example: 30.")]
    [InlineData("recordDays", "3", "recordDays is \"3\", which is no whole number from 7 to 3650; example: 90.")]
    [InlineData("dataDays", "-1", "dataDays is \"-1\", which is no whole number from 7 to 3650; example: 90.")]
    [InlineData("tickSchedule", "* * * * *", "tickSchedule is \"* * * * *\", which has not the six fields of an NCRONTAB expression; example: 0 * * * * *.")]
    [InlineData("publicUrl", "http://x", "publicUrl is \"http://x\", which is no https URL; example: https://events.example.com/.")]
    [InlineData("tracePercentage", "0", "tracePercentage is \"0\", which is no whole number from 1 to 100; example: 10.")]
    [InlineData("dailyLogGigabytes", "0", "dailyLogGigabytes is \"0\", which is no whole number from 1 to 1000; example: 1.")]
    [InlineData("monthlyBudget", "a lot", "monthlyBudget is \"a lot\", which is no whole number from 1 to 1000000; example: 100.")]
    [InlineData("monthlyBudget", "50", "monthlyBudget sends e-mails, but alertEmails has nobody; example: [\"oncall@example.com\"].")]
    [InlineData("logDays", "5", "logDays is \"5\", which is no whole number from 30 to 730; example: 30.")]
    [InlineData("alertEmails", """["me"]""", "alertEmails is \"me\", which is no e-mail address; example: [\"oncall@example.com\"].")]
    [InlineData("privateNetwork", "10.60.0.0/28", "privateNetwork is \"10.60.0.0/28\", which is no IPv4 network of /16 to /26; example: 10.60.0.0/24.")]
    [InlineData("allowedAddresses", """["here"]""", "allowedAddresses is \"here\", which is no network in CIDR notation; example: [\"203.0.113.0/24\"].")]
    [InlineData("alwaysReady", """[{"name":"timer","count":1}]""", "alwaysReady names \"timer\", which is neither http nor function:NAME; example: [{\"name\":\"http\",\"count\":1}].")]
    [InlineData("alwaysReady", """[{"name":"http","count":0}]""", "alwaysReady asks for 0 instances of http, but 1 to 100 are possible; example: [{\"name\":\"http\",\"count\":1}].")]
    [InlineData("alwaysReady", """[{"name":"http"}]""", "alwaysReady cannot be read at $[0]: it lacks 'count'; example: [{\"name\":\"http\",\"count\":1}].")]
    [InlineData("appSettings", """{"Store":"Sqlite"}""", "appSettings sets Store, which this program sets itself; example: {\"Producers__0__name\":\"policies\"}.")]
    [InlineData("appSettings", """{"Administration__Key":"x"}""", "appSettings sets Administration__Key, which this program sets itself; example: {\"Producers__0__name\":\"policies\"}.")]
    [InlineData("administrators", """["3f2504e0-4f89-41d3-9a0c-0305e82c3301"]""", "administrators come with tokens, which are read only where entra is set; example: {\"clientId\":\"7d1a0f5e-…\",\"tenantId\":\"0c9b7a3d-…\"}.")]
    [InlineData("administrationKey", "false", "administrationKey is false and administrators has nobody, so that nobody could administer the service; example: [\"3f2504e0-4f89-41d3-9a0c-0305e82c3301\"].")]
    [InlineData("appSettings", """{"cosmos:endpoint":"x"}""", "appSettings sets cosmos:endpoint, which this program sets itself; example: {\"Producers__0__name\":\"policies\"}.")]
    [InlineData("appSettings", """{"a":null}""", "appSettings cannot be read: it is no JSON of the expected form; example: {\"Producers__0__name\":\"policies\"}.")]
    public void A_wrong_value_is_refused_with_its_key_and_an_example(string key, string value, string error)
    {
        Assert.Equal([error], Errors((key, value)));
    }

    [Theory]
    [InlineData("""{"name":"B","kind":"webhook","endpoint":"https://x"}""", "consumers: the name \"B\" must have 3 to 40 small letters")]
    [InlineData("""{"name":"enrichment","kind":"webhook","endpoint":"https://x"}""", "consumers: the name \"enrichment\" must")]
    [InlineData("""{"name":"billing","kind":"webhook","endpoint":"http://x"}""", "consumers: consumer \"billing\" has no endpoint with an https URL; example: ")]
    [InlineData("""{"name":"billing","kind":"storageQueue","queue":"q","resourceId":"/subscriptions/s"}""", "consumers: consumer \"billing\" has no resourceId of a storage account; example: ")]
    [InlineData("""{"name":"billing","kind":"storageQueue","resourceId":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a"}""", "consumers: consumer \"billing\" names no queue; example: ")]
    [InlineData("""{"name":"billing","kind":"serviceBusQueue","resourceId":"/subscriptions/s/resourceGroups/g/providers/Microsoft.ServiceBus/namespaces/n/topics/t"}""", "consumers: consumer \"billing\" has no resourceId of a Service Bus queue; example: ")]
    [InlineData("""{"name":"billing","kind":"webhook","endpoint":"https://x","filters":[{"operatorType":"StringIs","key":"type","values":["a"]}]}""", "consumers: consumer \"billing\": filters/0/operatorType must be one of BoolEquals, ")]
    [InlineData("""{"name":"billing","kind":"webhook","endpoint":"https://x","filters":[{"operatorType":"StringIn","key":"type","values":"a"}]}""", "consumers: consumer \"billing\": filters/0/values must be an array with at least one value; example: ")]
    [InlineData("""{"name":"billing","kind":"webhook","endpoint":"https://x","filters":[{"operatorType":"NumberGreaterThan","key":"data.premium","value":"100"}]}""", "consumers: consumer \"billing\": filters/0/value ")]
    [InlineData("""{"name":"billing","kind":"webhook","endpoint":"https://x","filters":[{"operatorType":"NumberInRange","key":"data.premium","values":[[1]]}]}""", "consumers: consumer \"billing\": filters/0/values/0 ")]
    [InlineData("""{"name":"billing","kind":"webhook","endpoint":"https://x","filters":[{"operatorType":"IsNotNull","key":"data..premium"}]}""", "consumers: consumer \"billing\": filters/0/key ")]
    [InlineData("""{"name":"billing","kind":"webhook","endpoint":"https://x","filters":[{"operatorType":"IsNotNull","key":"type","colour":1}]}""", "consumers: consumer \"billing\": filters/0/colour is not a property of IsNotNull; example: ")]
    [InlineData("""{"name":"billing","kind":"fax"}""", "consumers cannot be read at $[0].kind: it is no JSON of the expected form; example: ")]
    [InlineData("""{"kind":"webhook"}""", "consumers cannot be read at $[0]: it lacks 'name'; example: ")]
    [InlineData("""{"name":"billing","kind":"webhook","endpiont":"https://x"}""", "consumers cannot be read at $[0].endpiont: it has a property that is not known here; example: ")]
    [InlineData("null", "consumers cannot be read: it is no JSON of the expected form; example: ")]
    public void A_wrong_consumer_is_refused_by_name(string consumer, string begin)
    {
        var error = Assert.Single(Errors(("consumers", $"[{consumer}]")));

        Assert.StartsWith(begin, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Throughput_of_an_unknown_container_is_refused_with_the_names_of_all() => Assert.StartsWith(
        "cosmosAutoscale is \"event\", which is not a container of the store (events, ",
        Assert.Single(Errors(("cosmosAutoscale", """{"event":4000}"""))),
        StringComparison.Ordinal);

    [Fact]
    public void Full_data_cannot_be_kept_longer_than_its_record()
    {
        Assert.Equal(
            ["dataDays is \"31\", which is more than the 30 of recordDays; example: 30."], Errors(("recordDays", "30"), ("dataDays", "31")));
    }

    [Fact]
    public void A_number_of_days_contradicts_keeping_for_ever() =>
        Assert.Equal(["keepForever is true, but recordDays is 30. Remove one of them."], Errors(("keepForever", "true"), ("recordDays", "30")));

    [Fact]
    public void Two_consumers_cannot_share_a_name()
    {
        const string billing = """{"name":"billing","kind":"webhook","endpoint":"https://x"}""";

        Assert.StartsWith("consumers has \"billing\" more than once", Assert.Single(Errors(("consumers", $"[{billing},{billing}]"))), StringComparison.Ordinal);
    }

    [Fact]
    public void All_errors_come_at_once()
    {
        Assert.Equal(
            ["name", "azure-native:location", "maximumInstances", "consumers"],
            Errors(("name", ""), (StackSettings.Location, ""), ("maximumInstances", "x"), ("consumers", "{")).Select(e => e.Split(' ')[0]));
    }

    [Fact]
    public void A_value_that_may_be_a_secret_is_not_repeated()
    {
        Assert.DoesNotContain("s3cret", Assert.Single(Errors(("appSettings", """{"ProducerSecrets__A":"s3cret" """))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_is_misspelt_is_refused()
    {
        var error = Assert.Single(Errors(("privatenetwork", "10.60.0.0/24")));

        Assert.StartsWith("privatenetwork is no setting of this program, which knows administrationKey, administrators, ", error, StringComparison.Ordinal);
        Assert.Contains(" privateNetwork, ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_are_those_of_the_project()
    {
        const string config = """{"azure-native:location":"westeurope","eventfunctions:name":"a","eventfunctions:config:protect":"true","other:name":"b"}""";

        Assert.Equal(["name", "protect"], StackConfig.Keys(config, "eventfunctions"));
        Assert.Empty(StackConfig.Keys(null, "eventfunctions"));
    }

    private static IReadOnlyList<string> Errors(params (string Key, string Value)[] config) =>
        Assert.Throws<InvalidSettingsException>(() => Run.Settings(config)).Errors;
}
