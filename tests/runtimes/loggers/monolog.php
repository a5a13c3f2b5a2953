<?php
// What Monolog prints of the scenario of python_loggers.py: `php monolog.php DIR` writes DIR/php_<formatter>.log each.
// MONOLOG_AUTOLOAD names the autoloader when it is not Debian's.
require getenv('MONOLOG_AUTOLOAD') ?: '/usr/share/php/Monolog/autoload.php';

use Monolog\Formatter\JsonFormatter;
use Monolog\Formatter\LineFormatter;
use Monolog\Handler\StreamHandler;
use Monolog\Logger;

class OrderException extends RuntimeException
{
}

function charge(array $prices): int
{
    try {
        return intdiv(42, count($prices));
    } catch (DivisionByZeroError $error) {
        throw new OrderException('order 42 failed', 0, $error);
    }
}

function failure(): ?Throwable
{
    try {
        charge([]);
    } catch (OrderException $error) {
        return $error;
    }
    return null;
}

$json = new JsonFormatter();
$json->includeStacktraces();
$line = new LineFormatter(null, null, true, true);
$line->includeStacktraces();
$formatters = ['json' => $json, 'line' => new LineFormatter(), 'lines' => $line];
foreach ($formatters as $name => $formatter) {
    $handler = new StreamHandler("$argv[1]/php_monolog_$name.log");
    $handler->setFormatter($formatter);
    $log = new Logger('order', [$handler]);
    $log->pushProcessor(function ($record) {
        $record['extra'] += ['request_id' => 'req-7f3a', 'trace_id' => '4bf92f3577b34da6a3ce929d0e0e4736'];
        return $record;
    });
    $log->info('started');
    $log->error('charge failed', ['exception' => failure()]);
    $log->error('no price for sku 7');
    $log->info('retrying after ERROR 503');
    $log->warning('charge is late', ['exception' => failure()]);
}
