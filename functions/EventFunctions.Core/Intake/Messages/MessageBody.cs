using System.Text;
using EventFunctions.CloudEvents;
using EventFunctions.Producers;

namespace EventFunctions.Intake.Messages;

/// <summary>Finds the JSON in the body of a message.</summary>
internal static class MessageBody
{
    /// <summary>Returns the message's JSON; null if the body has no JSON, which is added to the errors.</summary>
    /// <param name="mapping">Which forms the producer sends.</param>
    /// <param name="message">The message.</param>
    /// <param name="errors">Takes the errors.</param>
    public static EventContent? Read(MessageMapping mapping, MessageEnvelope message, ErrorList errors)
    {
        if (!message.IsForm)
        {
            return JsonContent.Read(JsonRepair.Apply(message.Body).Span, new JsonPath(), errors);
        }

        if (mapping.Form is not { } form)
        {
            errors.Add("#", "The message is a form. Send JSON, or say in the producer's messages.form where a form has its JSON.");
            return null;
        }

        if (MessageForm.Read(message.Body.Span) is not { } fields)
        {
            errors.Add("#", "The form has too many fields.");
            return null;
        }

        if (form == MessageMapping.AllFields)
        {
            return JsonContent.Read(MessageForm.ToJson(fields), new JsonPath(), errors);
        }

        if (fields.Where(field => field.Key == form).ToList() is not [var only])
        {
            errors.Add("#", $"The form must have the field \"{form}\" exactly once.");
            return null;
        }

        return JsonContent.Read(JsonRepair.Apply(Encoding.UTF8.GetBytes(only.Value)).Span, new JsonPath(), errors);
    }

    /// <summary>Returns the message's JSON without reporting errors.</summary>
    public static EventContent? TryRead(MessageMapping mapping, MessageEnvelope message) => Read(mapping, message, new ErrorList());
}
