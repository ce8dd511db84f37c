// Parses AsyncAPI documents with the AsyncAPI initiative's own parser, and says everything that it finds.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Parser, DiagnosticSeverity } from '@asyncapi/parser';

let isValid = true;
for (const file of process.argv.slice(2)) {
  const { document, diagnostics } = await new Parser().parse(await readFile(file, 'utf8'), { source: file });
  // What is only told of (a license, tags, a newer version) is a matter of taste.
  const found = diagnostics.filter((d) => d.severity <= DiagnosticSeverity.Warning);
  for (const { range, path, message } of found) {
    console.error(`${basename(file)}:${range.start.line + 1} ${path.join('/')}: ${message}`);
  }
  isValid &&= document !== undefined && found.length === 0;
  console.log(`${basename(file)}: ${found.length === 0 ? 'valid' : `${found.length} faults`}`);
}
process.exitCode = isValid ? 0 : 1;
