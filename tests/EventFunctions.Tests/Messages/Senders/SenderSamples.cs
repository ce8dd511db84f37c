using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Math.EC.Rfc8032;
using static EventFunctions.Tests.Messages.Senders.SenderSigning;

namespace EventFunctions.Tests.Messages.Senders;

/// <summary>A message of each sender, as its documentation shows it and signed as it says. The URLs of the documentation are in the presets.</summary>
internal static class SenderSamples
{
    /// <summary>Stands for the time of sending, in milliseconds, in a body that has it.</summary>
    public const string Now = "1000000000000";

    private const string Secret = "a-secret-that-both-sides-know";
    private const string Url = "https://events.example.com/api/producers/sender/events";

    private static readonly byte[] Ed25519Key = SHA256.HashData("a private key"u8);

    private static readonly ECDsa EcdsaKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static string WithSecret => """ "verification": { "secrets": ["SECRET"] } """;

    private static string WithUrl => $$""" "verification": { "secrets": ["SECRET"], "url": "{{Url}}" } """;

    public static IReadOnlyList<SenderSample> All { get; } =
    [
        new("github", WithSecret, Secret,
            """{"action":"opened","number":7,"repository":{"full_name":"octo-org/policies"}}""", ("\"number\":7", "\"number\":8"),
            (body, _) => [("X-Hub-Signature-256", "sha256=" + Hex(Sha256(Secret, body))), ("X-GitHub-Event", "pull_request"), ("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958")],
            "com.github.pull_request", "octo-org/policies"),
        new("stripe", WithSecret, Secret,
            """{"id":"evt_1","type":"invoice.paid","created":1674087231,"pending_webhooks":1,"data":{"object":{"id":"in_1","amount":10}}}""", ("\"amount\":10", "\"amount\":99"),
            (body, now) => [("Stripe-Signature", $"t={Seconds(now)},v1={Hex(Sha256(Secret, $"{Seconds(now)}.{body}"))},v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39")],
            "com.stripe.invoice.paid", "in_1") { Id = "evt_1", IsTimed = true },
        new("shopify", WithSecret, Secret,
            """{"id":820982911946154508,"admin_graphql_api_id":"gid://shopify/Order/820982911946154508","total_price":"403.00"}""", ("403.00", "1.00"),
            (body, _) => [("X-Shopify-Hmac-Sha256", Base64(Sha256(Secret, body))), ("X-Shopify-Topic", "orders/create"), ("X-Shopify-Webhook-Id", "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043")],
            "com.shopify.orders/create", "gid://shopify/Order/820982911946154508") { Accepted = 200 },
        new("slack", WithSecret, Secret,
            """{"token":"XXYYZZ","type":"event_callback","event":{"type":"message","channel":"C2147483705","text":"hi"},"event_id":"Ev9UQ52YNA","event_time":1234567890}""", ("\"hi\"", "\"ho\""),
            (body, now) => [("X-Slack-Signature", "v0=" + Hex(Sha256(Secret, $"v0:{Seconds(now)}:{body}"))), ("X-Slack-Request-Timestamp", Seconds(now))],
            "com.slack.message", "C2147483705") { Id = "Ev9UQ52YNA", IsTimed = true, Accepted = 200 },
        new("square", WithUrl, Secret,
            """{"merchant_id":"6SSW7HV8K2ST5","type":"customer.created","event_id":"df5f3813-a913-45a1-94e9-fdc3f7d5e3b6","created_at":"2019-10-29T18:38:45.455006797Z","data":{"type":"customer","id":"QPTXM8PQNX3Q726ZYHPMNP46XC"}}""",
            ("6SSW7HV8K2ST5", "6SSW7HV8K2ST6"),
            (body, _) => [("x-square-hmacsha256-signature", Base64(Sha256(Secret, Url + body)))],
            "com.squareup.customer.created", "QPTXM8PQNX3Q726ZYHPMNP46XC") { Id = "df5f3813-a913-45a1-94e9-fdc3f7d5e3b6" },
        new("twilio", WithUrl, Secret,
            "MessageStatus=delivered&MessageSid=SM1234567890&To=%2B14158675309&AccountSid=AC123", ("delivered", "failed"),
            (body, _) => [("X-Twilio-Signature", Base64(Sha1(Secret, Url + "AccountSidAC123MessageSidSM1234567890MessageStatusdeliveredTo+14158675309"))), ("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")],
            "com.twilio.callback", "SM1234567890") { Accepted = 204 },
        new("zoom", WithSecret, Secret,
            """{"event":"meeting.started","event_ts":1626230691572,"payload":{"account_id":"AAAAAABBBB","object":{"id":"1234567890","topic":"My Meeting"}}}""", ("My Meeting", "Thy Meeting"),
            (body, now) => [("x-zm-signature", "v0=" + Hex(Sha256(Secret, $"v0:{Seconds(now)}:{body}"))), ("x-zm-request-timestamp", Seconds(now))],
            "us.zoom.meeting.started", "1234567890") { IsTimed = true, Accepted = 200 },
        new("hubspot", WithUrl, Secret,
            """[{"eventId":1,"subscriptionId":12345,"occurredAt":1564113600000,"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123},{"eventId":2,"subscriptionId":12345,"occurredAt":1564113600000,"subscriptionType":"contact.deletion","attemptNumber":0,"objectId":124}]""",
            ("\"objectId\":123", "\"objectId\":321"),
            (body, now) => [("X-HubSpot-Signature-v3", Base64(Sha256(Secret, $"POST{Url}{body}{Milliseconds(now)}"))), ("X-HubSpot-Request-Timestamp", Milliseconds(now))],
            "com.hubspot.contact.creation", "123") { IsTimed = true, Events = 2 },
        new("zendesk", WithSecret, Secret,
            """{"account_id":22129848,"detail":{"id":"6596848315901"},"id":"cbe4028c-7239-495d-b020-f22348516046","subject":"zen:ticket:6596848315901","time":"2022-06-17T22:20:05Z","type":"zen:event-type:ticket.created"}""", ("22129848", "22129849"),
            (body, now) => [("X-Zendesk-Webhook-Signature", Base64(Sha256(Secret, Rfc3339(now) + body))), ("X-Zendesk-Webhook-Signature-Timestamp", Rfc3339(now))],
            "zen:event-type:ticket.created", "zen:ticket:6596848315901") { Id = "cbe4028c-7239-495d-b020-f22348516046", IsTimed = true },
        new("twitch", WithSecret, Secret,
            """{"subscription":{"id":"f1c2a387-161a-49f9-a165-0f21d7a4e1c4","type":"channel.follow"},"event":{"user_id":"1337","broadcaster_user_id":"12826"}}""", ("1337", "1338"),
            (body, now) =>
            [
                ("Twitch-Eventsub-Message-Signature", "sha256=" + Hex(Sha256(Secret, "e76c6bd4-55c9-4987-8304-da1588d8988b" + Rfc3339(now) + body))),
                ("Twitch-Eventsub-Message-Id", "e76c6bd4-55c9-4987-8304-da1588d8988b"),
                ("Twitch-Eventsub-Message-Timestamp", Rfc3339(now)),
                ("Twitch-Eventsub-Message-Type", "notification"),
            ],
            "tv.twitch.channel.follow", "12826") { Id = "e76c6bd4-55c9-4987-8304-da1588d8988b", IsTimed = true },
        new("paddle", WithSecret, Secret,
            """{"event_id":"evt_01hv8x29q","event_type":"transaction.billed","occurred_at":"2024-04-12T10:18:49.621022Z","notification_id":"ntf_01h","data":{"id":"txn_01hv8wptq8987qeep44cyrewp9"}}""", ("ntf_01h", "ntf_02h"),
            (body, now) => [("Paddle-Signature", $"ts={Seconds(now)};h1={Hex(Sha256(Secret, $"{Seconds(now)}:{body}"))}")],
            "com.paddle.transaction.billed", "txn_01hv8wptq8987qeep44cyrewp9") { Id = "evt_01hv8x29q", IsTimed = true, Accepted = 200 },

        // The key and the signature are those of Adyen's own tests: https://github.com/Adyen/adyen-python-api-library/blob/main/test/UtilTest.py
        new("adyen", WithSecret, "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056",
            """{"live":"false","notificationItems":[{"NotificationRequestItem":{"additionalData":{"hmacSignature":"coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0="},"pspReference":"7914073381342284","merchantReference":"TestPayment-1407325143704","merchantAccountCode":"TestMerchant","amount":{"currency":"EUR","value":1130},"eventCode":"AUTHORISATION","success":"true","eventDate":"2019-05-06T17:15:34+02:00","paymentMethod":"visa"}}]}""",
            ("1130", "11300"), (_, _) => [], "com.adyen.AUTHORISATION", "TestPayment-1407325143704") { Events = 1 },
        new("vercel", WithSecret, Secret,
            """{"id":"uev_vNXcFbRR8vTGvPV2GrHjdXdE","type":"deployment.created","createdAt":1674087231000,"payload":{"deployment":{"id":"dpl_1"}}}""", ("dpl_1", "dpl_2"),
            (body, _) => [("x-vercel-signature", Hex(Sha1(Secret, body)))],
            "com.vercel.deployment.created", "dpl_1") { Id = "uev_vNXcFbRR8vTGvPV2GrHjdXdE" },
        new("intercom", WithSecret, Secret,
            """{"type":"notification_event","app_id":"a1","data":{"item":{"id":"654"}},"id":"notif_ccd8a4d0","topic":"conversation.user.created","delivery_status":"pending","delivery_attempts":1,"delivered_at":0,"first_sent_at":1718895152,"created_at":1718895152}""", ("\"654\"", "\"655\""),
            (body, _) => [("X-Hub-Signature", "sha1=" + Hex(Sha1(Secret, body)))],
            "com.intercom.conversation.user.created", "654") { Id = "notif_ccd8a4d0", Accepted = 200 },
        new("paystack", WithSecret, Secret,
            """{"event":"charge.success","data":{"id":302961,"reference":"qTPrJoy9Bx","amount":10000}}""", ("10000", "1"),
            (body, _) => [("x-paystack-signature", Hex(Sha512(Secret, body)))],
            "com.paystack.charge.success", "qTPrJoy9Bx") { Accepted = 200 },
        new("calendly", WithSecret, Secret,
            """{"created_at":"2020-11-23T17:51:19.000000Z","event":"invitee.created","payload":{"uri":"https://api.calendly.com/scheduled_events/A/invitees/B","status":"active"}}""", ("active", "canceled"),
            (body, now) => [("Calendly-Webhook-Signature", $"t={Seconds(now)},v1={Hex(Sha256(Secret, $"{Seconds(now)}.{body}"))}")],
            "com.calendly.invitee.created", "https://api.calendly.com/scheduled_events/A/invitees/B") { IsTimed = true },
        new("typeform", WithSecret, Secret,
            """{"event_id":"LtWXD3crgy","event_type":"form_response","form_response":{"form_id":"lT4Z3j","token":"a3a12ec67a1365927098a606107fac15","submitted_at":"2018-01-18T18:17:02Z"}}""", ("a3a12", "b3a12"),
            (body, _) => [("Typeform-Signature", "sha256=" + Base64(Sha256(Secret, body)))],
            "com.typeform.form_response", "lT4Z3j") { Id = "LtWXD3crgy" },
        new("pagerduty", WithSecret, Secret,
            """{"event":{"id":"5ac64822-4adc-4fda-ade0-410becf0de4f","event_type":"incident.triggered","occurred_at":"2020-10-02T18:45:22.169Z","data":{"id":"PGR0VU2","title":"A little bump in the road"}}}""", ("little", "large"),
            (body, _) => [("X-PagerDuty-Signature", $"v1={Hex(Sha256("the secret of an old subscription", body))},v1={Hex(Sha256(Secret, body))}")],
            "com.pagerduty.incident.triggered", "PGR0VU2") { Id = "5ac64822-4adc-4fda-ade0-410becf0de4f" },
        new("xero", WithSecret, Secret,
            """{"events":[{"resourceUrl":"https://api.xero.com/api.xro/2.0/Contacts/717f2bfc","resourceId":"717f2bfc","eventDateUtc":"2017-06-21T01:15:39.902","eventType":"UPDATE","eventCategory":"CONTACT"},{"resourceId":"717f2bfd","eventType":"CREATE","eventCategory":"INVOICE"}],"firstEventSequence":1,"lastEventSequence":2,"entropy":"S0m3r4Nd0mt3xt"}""", ("UPDATE", "CREATE"),
            (body, _) => [("x-xero-signature", Base64(Sha256(Secret, body)))],
            "com.xero.CONTACT.UPDATE", "717f2bfc") { Events = 2, Accepted = 200 },
        new("meta", """ "verification": { "secrets": ["SECRET"], "challengeSecrets": ["TOKEN"] } """, Secret,
            """{"object":"user","entry":[{"time":1520383571,"changes":[{"field":"photos","value":{"verb":"update"}}],"id":"10210299214172187","uid":"10210299214172187"}]}""", ("update", "remove"),
            (body, _) => [("X-Hub-Signature-256", "sha256=" + Hex(Sha256(Secret, body)))],
            "com.meta.user", "10210299214172187") { Accepted = 200 },
        new("discord", $$""" "verification": { "publicKeys": ["{{Hex(Ed25519Public())}}"] } """, Secret,
            """{"version":1,"application_id":"1234560123453231555","type":1,"event":{"type":"ENTITLEMENT_CREATE","timestamp":"2024-10-18T18:41:21.109604","data":{"user":{"id":"1234560123453231555"}}}}""", ("ENTITLEMENT_CREATE", "ENTITLEMENT_DELETE"),
            (body, now) => [("X-Signature-Ed25519", Hex(Ed25519Signature(Seconds(now) + body))), ("X-Signature-Timestamp", Seconds(now))],
            "com.discord.ENTITLEMENT_CREATE", "1234560123453231555") { IsTimed = true, Accepted = 204 },
        new("sendgrid", $$""" "verification": { "publicKeys": ["{{Base64(EcdsaKey.ExportSubjectPublicKeyInfo())}}"] } """, Secret,
            """[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0x","sg_message_id":"LRzXl","smtp-id":"<L>","timestamp":1600112492}]""" + "\r\n", ("hello@", "hallo@"),
            (body, now) =>
            [
                ("X-Twilio-Email-Event-Webhook-Signature", Base64(EcdsaKey.SignData(Encoding.UTF8.GetBytes(Seconds(now) + body), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence))),
                ("X-Twilio-Email-Event-Webhook-Timestamp", Seconds(now)),
            ],
            "com.sendgrid.dropped", "LRzXl") { Id = "ZHJvcC0x", IsTimed = true },
        new("linear", WithSecret, Secret,
            """{"action":"create","type":"Comment","createdAt":"2020-01-23T12:53:18.084Z","data":{"id":"2174add1-f7c8-44e3-bbf3-2d60b5ea8bc9","body":"Indeed"},"webhookTimestamp":1000000000000}""", ("Indeed", "Hardly"),
            (body, _) => [("Linear-Signature", Hex(Sha256(Secret, body)))],
            "app.linear.Comment.create", "2174add1-f7c8-44e3-bbf3-2d60b5ea8bc9") { IsTimed = true, Accepted = 200 },
        new("standard-webhooks", WithSecret, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            """{"type":"contact.created","timestamp":"2022-11-03T20:26:10.344522Z","data":{"id":"1f81eb52"}}""", ("1f81eb52", "1f81eb53"),
            (body, now) => Standard("webhook", body, now), "contact.created", null) { Id = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", IsTimed = true },
        new("svix", WithSecret, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            """{"type":"user.created","data":{"id":"user_29w83sxmDNGwOuEthce5gg56FcC"}}""", ("user_29", "user_30"),
            (body, now) => Standard("svix", body, now), "user.created", null) { Id = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", IsTimed = true },
        new("microsoft-graph", WithSecret, Secret,
            """{"value":[{"subscriptionId":"76222963-cc7b-42d2-882d-8aaa69cb2ba3","changeType":"created","clientState":"a-secret-that-both-sides-know","resource":"teams('d29')/channels('19')","resourceData":{"id":"1"}}]}""", ("a-secret-that", "a-secret-than"),
            (_, _) => [], "com.microsoft.graph.created", "teams('d29')/channels('19')"),
    ];

    private static (string, string)[] Standard(string prefix, string body, DateTimeOffset now)
    {
        const string Id = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";
        var signature = Base64(Sha256(Convert.FromBase64String("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), $"{Id}.{Seconds(now)}.{body}"));
        return [($"{prefix}-id", Id), ($"{prefix}-timestamp", Seconds(now)), ($"{prefix}-signature", $"v1a,AAAA v1,{signature}")];
    }

    private static byte[] Ed25519Public()
    {
        var key = new byte[Ed25519.PublicKeySize];
        Ed25519.GeneratePublicKey(Ed25519Key, 0, key, 0);
        return key;
    }

    private static byte[] Ed25519Signature(string text)
    {
        var (content, signature) = (Encoding.UTF8.GetBytes(text), new byte[Ed25519.SignatureSize]);
        Ed25519.Sign(Ed25519Key, 0, content, 0, content.Length, signature, 0);
        return signature;
    }
}
