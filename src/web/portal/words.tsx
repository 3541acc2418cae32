/** Somebody's own words as they were written: paragraphs at empty lines, line by line. */
export function Words({ text }: { text: string }) {
  return (
    <>
      {text
        .trim()
        .split(/\n\s*\n/)
        .map((paragraph, n) => (
          <p key={n}>
            {paragraph.split('\n').map((line, i) => (
              <>
                {i === 0 ? null : <br />}
                {line}
              </>
            ))}
          </p>
        ))}
    </>
  );
}
