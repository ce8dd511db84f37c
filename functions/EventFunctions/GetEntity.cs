using EventFunctions.Entities;
using EventFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Shows what is known of one entity.</summary>
public sealed class GetEntity(ProducerAccess access, EntityLookup entities)
{
    /// <summary>Answers with the entity.</summary>
    // GET http://localhost:7071/api/entities/~L2luc3VyYW5jZS9wb2xpY2llcw/policy-42
    [Function(nameof(GetEntity))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "entities/{source}/{subject}")] HttpRequest request,
        string source,
        string subject,
        CancellationToken cancellationToken)
    {
        if (EntityAddress.Read(source, subject) is not { } key)
        {
            return EntityAddress.NotFound();
        }

        return await access.ReadAsync(
            request,
            async reader => ProducerAccess.MayRead(reader, key.Source) && await entities.ReadAsync(key, cancellationToken) is { } entity
                ? new JsonResponse(StatusCodes.Status200OK, writer => EntityJson.Write(writer, entity.Summary, entity.Since))
                : EntityAddress.NotFound(),
            cancellationToken);
    }
}
